package clerktest

func (c *Clerk) meJSON(s *session) any { return wrapped(ownUserJSON(s.user), s.client) }

func (c *Clerk) getMe(_ *call, s *session) (any, *problem) { return c.meJSON(s), nil }

func (c *Clerk) writeMe(in *call, s *session) (any, *problem) {
	b := c.params(in)
	b.metadata(unsafeMetadata)
	b.required(unsafeMetadata, string(b.meta[unsafeMetadata]))
	p := b.write(&s.user.entity, false)
	return c.meJSON(s), p
}

// updateMe is Clerk's general update, of which the fake models the names. Older
// versions also write unsafe metadata here.
func (c *Clerk) updateMe(in *call, s *session) (any, *problem) {
	changed := *s.user
	b := c.params(in)
	b.names(&changed)
	b.general(unsafeMetadata)
	p := c.saveUser(&changed, b, "primary_email_address_id", "primary_phone_number_id", "primary_web3_wallet_id")
	return c.meJSON(s), p
}
