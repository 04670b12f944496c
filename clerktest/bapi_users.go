package clerktest

func (c *Clerk) findUser(id string) (*user, *problem) {
	return found(c.store.users.byID[id], "No user was found with id "+id)
}

// pathUser returns the user whose id is in the path.
func (c *Clerk) pathUser(in *call) (*user, *problem) { return c.findUser(in.ids[0]) }

// unmodelledUser returns the parameters of a user that Clerk has and the fake lacks.
func unmodelledUser() []string {
	return []string{
		"backup_codes", "bypass_client_trust", "create_organization_enabled", "create_organizations_limit", "delete_self_enabled",
		"email_address_identification_status", "legal_accepted_at", "password_digest", "password_hasher",
		"phone_number_identification_status", "primary_email_address_id", "primary_phone_number_id", "primary_web3_wallet_id",
		"profile_image_id", "sign_out_of_other_sessions", "totp_secret", "web3_wallet",
	}
}

func (b *params) names(u *User) {
	take(b, "first_name", &u.FirstName)
	take(b, "last_name", &u.LastName)
	take(b, "username", &u.Username)
}

// profile reads what can be set when a user is made and later.
func (b *params) profile(u *user) {
	b.names(&u.User)
	take(b, "external_id", &u.ExternalID)
	take(b, "locale", &u.Locale)
	b.password(&u.PasswordEnabled)
	b.moment("created_at", &u.created)
	ignored[bool](b, "skip_legal_checks")
}

func (c *Clerk) createUser(in *call) (any, *problem) {
	u := c.store.newUser()
	b := c.params(in)
	b.profile(u)
	b.verified("email_address", isEmail, &u.EmailAddresses)
	b.verified("phone_number", isPhone, &u.PhoneNumbers)
	take(b, "banned", &u.Banned)
	take(b, "locked", &u.Locked)
	ignored[bool](b, "skip_password_requirement", "skip_user_requirement")
	b.metadata(publicMetadata, privateMetadata, unsafeMetadata)
	p := c.saveUser(u, b, unmodelledUser()...)
	return u.json(true), p
}

// verified reads the addresses or numbers of a new user, which are verified from the start.
func (b *params) verified(name string, isOne func(string) bool, to *[]string) {
	take(b, name, to)
	for i, value := range *to {
		switch {
		case !isOne(value):
			b.fail(failParam("form_param_format_invalid", name))
		case containsFold((*to)[:i], value):
			b.fail(failParam("form_param_duplicate", name))
		}
	}
}

// updateUser is Clerk's general update. Since 2026-05-12 it refuses metadata,
// which older versions take.
func (c *Clerk) updateUser(in *call, u *user) (any, *problem) {
	changed := *u
	b := c.params(in)
	b.profile(&changed)
	ignored[bool](b, "notify_primary_email_address_changed")
	b.general(publicMetadata, privateMetadata, unsafeMetadata)
	p := c.saveUser(&changed, b, unmodelledUser()...)
	return u.json(true), p
}

// saveUser stores a user that was made or changed, unless the request has a problem.
func (c *Clerk) saveUser(u *user, b *params, unmodelled ...string) *problem {
	if id := c.store.conflict(u); id.kind != "" {
		b.fail(failParam("form_identifier_exists", id.kind))
	}
	p := b.save(&u.entity, c.store.users.byID[u.id] == nil, unmodelled...)
	if p == nil {
		c.store.putUser(u)
	}
	return p
}

func (c *Clerk) deleteUser(_ *call, u *user) (any, *problem) {
	c.store.removeUser(u)
	return deletedJSON("user", u.id), nil
}
