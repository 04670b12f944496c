package client

import (
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

type Client struct {
	Users         *users.Service
	Organizations *organizations.Service
}
