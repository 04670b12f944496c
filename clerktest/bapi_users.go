package clerktest

func (c *Clerk) findUser(id string) (*user, *problem) {
	return found(c.store.users.byID[id], "No user was found with id "+id)
}

// pathUser returns the user whose id is in the path.
func (c *Clerk) pathUser(in *call) (*user, *problem) { return c.findUser(in.ids[0]) }

// Parameters of Clerk's that the fake does not model.
func unmodelledUser() []string {
	return []string{
		"backup_codes", "bypass_client_trust", "create_organization_enabled", "create_organizations_limit", "delete_self_enabled",
		"email_address_identification_status", "legal_accepted_at", "password_digest", "password_hasher", "phone_number",
		"phone_number_identification_status", "primary_email_address_id", "primary_phone_number_id", "primary_web3_wallet_id",
		"profile_image_id", "sign_out_of_other_sessions", "totp_secret", "web3_wallet",
	}
}

// profile reads what can be set when a user is made and later.
func (b *params) profile(u *user) {
	take(b, "first_name", &u.firstName)
	take(b, "last_name", &u.lastName)
	take(b, "username", &u.username)
	take(b, "external_id", &u.externalID)
	take(b, "locale", &u.locale)
	b.password(&u.password)
	b.moment("created_at", &u.created)
	b.ignored("skip_legal_checks")
}

func (c *Clerk) createUser(in *call) (any, *problem) {
	u := &user{
		entity: c.store.fresh("user", publicMetadata, privateMetadata, unsafeMetadata), memberships: newTable(c.store.members),
	}
	b := c.params(in)
	b.profile(u)
	take(b, "email_address", &u.emails)
	take(b, "banned", &u.banned)
	take(b, "locked", &u.locked)
	b.ignored("skip_password_requirement", "skip_user_requirement")
	b.metadata(publicMetadata, privateMetadata, unsafeMetadata)
	if p := b.rest(unmodelledUser()...); p != nil {
		return nil, p
	}
	for i, address := range u.emails {
		switch {
		case !isEmail(address):
			return nil, failParam("form_param_format_invalid", "email_address")
		case containsFold(u.emails[:i], address):
			return nil, failParam("form_param_duplicate", "email_address")
		}
	}
	return shown(u, c.saveUser(u, b))
}

// saveUser checks and stores a user that was made or changed, or does nothing.
func (c *Clerk) saveUser(u *user, b *params) *problem {
	if id := c.store.conflict(u); id.kind != "" {
		return failParam("form_identifier_exists", id.kind)
	}
	old := c.store.users.byID[u.id]
	if p := c.write(&u.entity, b.meta, old == nil || c.guess(OlderUpdate) == "replaced"); p != nil {
		return p
	}
	if old != nil {
		return old.change(c.store, func() *problem {
			*old = *u // memberships and sessions point to it
			return nil
		})
	}
	u.updated = u.created
	c.store.insertUser(u)
	return nil
}

// updateUser is Clerk's general update. Since 2026-05-12 it refuses metadata,
// which older versions take.
func (c *Clerk) updateUser(in *call, u *user) (any, *problem) {
	changed := *u
	b := c.params(in)
	b.profile(&changed)
	b.ignored("notify_primary_email_address_changed")
	b.general(in, publicMetadata, privateMetadata, unsafeMetadata)
	if p := b.rest(unmodelledUser()...); p != nil {
		return nil, p
	}
	return shown(u, c.saveUser(&changed, b))
}

// general takes the metadata fields of a general update as the version has it.
func (b *params) general(in *call, names ...string) {
	b.metadata(names...)
	if !b.c.retired(in) {
		return
	}
	for _, name := range names {
		if b.meta[name] != nil {
			b.fail(failParam(b.c.guess(RetiredFields), name))
		}
	}
}

func (c *Clerk) deleteUser(_ *call, u *user) (any, *problem) {
	c.store.removeUser(u)
	return deletedJSON("user", u.id), nil
}

func (u *user) names() map[string]*string {
	return map[string]*string{"first_name": &u.firstName, "last_name": &u.lastName, "username": &u.username}
}
