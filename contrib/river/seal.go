package riverwrites

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

// Key seals and opens bodies. To rotate, add the new key to every process behind the old one,
// then put it first, and remove the old one when no row of the view clerkmeta_writes that has
// bytes carries its ID. The zero Key takes part in this, for bodies that are not sealed.
type Key struct {
	// ID names the key in each row that it sealed, in 64 bytes of printable text or less.
	ID string
	// AEAD seals, for example AES-GCM of crypto/cipher. It must be safe for concurrent use.
	AEAD cipher.AEAD
}

// keyring has the keys by their ID, and the one that seals.
type keyring struct {
	seals Key
	byID  map[string]cipher.AEAD
}

const maxKeyID = 64

func newKeyring(keys []Key) (keyring, error) {
	if len(keys) == 0 {
		keys = []Key{{}}
	}
	ring := keyring{seals: keys[0], byID: map[string]cipher.AEAD{}}
	for i, k := range keys {
		if (k.ID == "") != (k.AEAD == nil) || k.ID != printable(k.ID, maxKeyID) {
			return ring, fmt.Errorf("riverwrites.New: Keys[%d] has ID %q: expected an AEAD and a printable ID of 1 to %d bytes, or neither for bodies that are not sealed", i, k.ID, maxKeyID)
		}
		if _, twice := ring.byID[k.ID]; twice {
			return ring, fmt.Errorf("riverwrites.New: Keys[%d] has the ID %q of an earlier key", i, k.ID)
		}
		ring.byID[k.ID] = k.AEAD
	}
	return ring, nil
}

// row is what a body is bound to. It is the additional data of the AEAD, so that a body that
// was moved to another row, or a row whose entity, verb or place was changed, does not open.
type row struct {
	Seq    int64
	Entity bulk.Entity
	Verb   bulk.Verb
	Key    string
}

func (r row) additionalData() []byte {
	return fmt.Appendf(nil, "%d %q %q %q %q", r.Seq, r.Entity.OrganizationID, r.Entity.UserID, r.Verb, r.Key)
}

// seal returns the body as it is stored in a row.
func (k keyring) seal(r row, body []byte) ([]byte, error) {
	if k.seals.AEAD == nil {
		return body, nil
	}
	nonce := make([]byte, k.seals.AEAD.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return k.seals.AEAD.Seal(nonce, nonce, body, r.additionalData()), nil
}

// errSealed reports a body that does not open. It says nothing about what is in it.
var errSealed = errors.New("does not open: the key is another, or the row was changed")

// open returns the body of a row.
func (k keyring) open(r row, sealed []byte) ([]byte, error) {
	aead, known := k.byID[r.Key]
	switch {
	case !known && r.Key == "":
		return nil, errors.New("the body is not sealed, and Config.Keys has no zero Key, which allows that")
	case !known:
		return nil, fmt.Errorf("the body is sealed with key %q, which Config.Keys lacks", r.Key)
	case aead == nil:
		return sealed, nil
	}
	size := aead.NonceSize()
	if len(sealed) < size {
		return nil, fmt.Errorf("the body sealed with key %q %w", r.Key, errSealed)
	}
	body, err := aead.Open(nil, sealed[:size], sealed[size:], r.additionalData())
	if err != nil {
		return nil, fmt.Errorf("the body sealed with key %q %w", r.Key, errSealed)
	}
	return body, nil
}
