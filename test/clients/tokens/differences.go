package tokens

// Difference is a token on which a verifier of Clerk's has another verdict than
// contrib/claims.
type Difference struct {
	// Verifier is Go or JavaScript.
	Verifier string
	// Name is the Token.Name.
	Name string
}

// Differences are all differences. The README has the reasons.
var Differences = []Difference{
	{Go, "no exp"},
	{Go, "no iat"},
	{JavaScript, "no iat"},
	{Go, "no sub"},
	{Go, "an empty sub"},
	{JavaScript, "an empty sub"},
	{Go, "of a machine"},
	{JavaScript, "of a machine"},
	{Go, "no sid (of a JWT template)"},
	{JavaScript, "no sid (of a JWT template)"},
	{Go, "an empty sid"},
	{JavaScript, "an empty sid"},
	{Go, "pending"},
	{JavaScript, "pending"},
	{Go, "a typ of an OAuth access token"},
	{Go, "a typ of a logout token"},
	{Go, "white space inside"},
	{JavaScript, "an extension that is critical"},
	{JavaScript, NoParty},
}
