package proxy_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// themed allows what the requests below write.
const themed = `unsafe_metadata=%7B%22theme%22%3A%22dark%22%7D`

// forged is refused wherever it is found.
const forged = `unsafe_metadata=%7B%22role%22%3A%22admin%22%7D`

func TestWhatIsCheckedIsSentOn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ line, body, header string }{
		"PATCH":                        {"PATCH /v1/me/metadata", themed, formType},
		"as a POST":                    {"POST /v1/me/metadata?_method=PATCH&__clerk_api_version=2026-05-12", themed, formType},
		"an escaped name":              {"PATCH /v1/me/metadata", `unsafe%5Fmetadata=%7b%22theme%22:%22dark%22}`, formType},
		"nothing escaped":              {"PATCH /v1/me/metadata", `unsafe_metadata={"theme":+"dark=\u00e9 é"}`, formType},
		"a deletion":                   {"PATCH /v1/me/metadata", `unsafe_metadata={"theme":null}`, formType},
		"nothing to change":            {"PATCH /v1/me/metadata", `unsafe_metadata={}`, formType},
		"an older version":             {"PATCH /v1/me?__clerk_api_version=2025-11-10", "first_name=A&" + themed, formType},
		"an older version, as a POST":  {"POST /v1/me?_method=PATCH", themed, formType},
		"a sign-up":                    {"POST /v1/client/sign_ups", "email_address=a%40b.example&password=%F0%9F%98%80%3B+&" + themed, formType},
		"a sign-up's update":           {"PATCH /v1/client/sign_ups/sua_1", themed, formType},
		"an endpoint of tomorrow":      {"PUT /v2/me/settings", themed, formType},
		"another endpoint":             {"POST /v1/me/email_addresses", "email_address=a%40b.example", formType},
		"names with brackets":          {"POST /v1/organizations", "name[first]=a&name[]=b", formType},
		"empty parts":                  {"POST /v1/me/metadata?_method=PATCH", "&&" + themed + "&", formType},
		"a charset":                    {"PATCH /v1/me/metadata", themed, "content-type: Application/X-WWW-Form-Urlencoded ; charset=UTF-8"},
		"identity":                     {"PATCH /v1/me/metadata", themed, formType + "\r\nContent-Encoding: identity"},
		"an explicit GET body, a form": {"GET /v1/me", themed, formType},
		"no body":                      {"POST /v1/client/sessions/sess_1/touch", "", "Accept: */*"},
		"no body, and a type":          {"POST /v1/dev_browser", "", "Content-Type: application/json\r\nContent-Length: 0"},
		"a deletion of the user":       {"DELETE /v1/me", "", "Accept: */*"},
		"a read":                       {"GET /v1/x//..%2f;a?b=%zz;c=d&name=method", "", "Accept: */*"},
		"a preflight":                  {"OPTIONS /v1/me/metadata?_clerk_session_id=sess_1", "", "Access-Control-Request-Method: PATCH"},
		"an image":                     {"POST /v1/me/profile_image", "--x\r\n\x00\xff;%zz", "Content-Type: multipart/form-data; boundary=x"},
		"an image in base64":           {"POST /v1/me/profile_image", "aGk=", "Content-Type: application/octet-stream"},
		"a logo":                       {"POST /v1/organizations/org_1/logo?_method=PUT", "--x--", "Content-Type: multipart/form-data; boundary=x"},
		"an OAuth client":              {"POST /oauth/register", `{"client_name":"x"}`, "Content-Type: application/json; charset=utf-8"},
		"an API key":                   {"POST /api_keys", `{"name":"x"}`, "Content-Type: application/json"},
		"an API key's description":     {"PATCH /api_keys/ak_1", `{}`, "Content-Type: application/json"},
		"an API key's revocation":      {"POST /api_keys/ak_1/revoke", `{}`, "Content-Type: application/json"},
		"a payment method":             {"POST /v1/organizations/org_1/billing/payment_methods", `{}`, "Content-Type: application/json"},
		"a payment method, in a form":  {"POST /v1/organizations/org_1/billing/payment_methods", "gateway=x", formType},
		"the default payment method":   {"PUT /v1/organizations/org_1/billing/payers/default_payment_method", `{}`, "Content-Type: application/json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, nil, proxy.AllowKeys("theme"))
			answer := g.send(t, request(test.line, test.body, test.header))
			require.Equal(t, http.StatusOK, answer.status, answer.body)
			require.Len(t, g.arrivals(), 1)
			require.Equal(t, test.body, g.arrivals()[0].body)
			_, target, _ := strings.Cut(test.line, " ")
			require.Equal(t, target, g.arrivals()[0].target)
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	const (
		unreadable = "malformed_request_parameters"
		badBody    = "request_body_invalid"
		badType    = "unsupported_content_type"
		badName    = "form_param_unknown"
		badValue   = "form_param_value_invalid"
		refused    = proxy.CodeUnsafeMetadataRefused
	)
	boundary := "Content-Type: multipart/form-data; boundary=x"
	multipart := "--x\r\nContent-Disposition: form-data; name=\"unsafe_metadata\"\r\n\r\n{\"role\":\"admin\"}\r\n--x--\r\n"
	for name, test := range map[string]struct{ raw, code string }{
		"by PATCH":                           {request("PATCH /v1/me/metadata", forged, formType), refused},
		"by POST":                            {update(forged), refused},
		"an escaped name":                    {update(`unsafe%5fmetadata={"role":1}`), refused},
		"a deletion":                         {update(`unsafe_metadata={"role":null}`), refused},
		"an escaped key":                     {update(`unsafe_metadata={"\u0072ole":1}`), refused},
		"in the general update":              {request("PATCH /v1/me?__clerk_api_version=2025-11-10", forged, formType), refused},
		"in the general update, by POST":     {request("POST /v1/me?_method=PATCH", forged, formType), refused},
		"on a sign-up":                       {request("POST /v1/client/sign_ups", "username=a&"+forged, formType), refused},
		"on a sign-up's update":              {request("POST /v1/client/sign_ups/sua_1?_method=PATCH", forged, formType), refused},
		"in capitals":                        {request("PATCH /V1/ME/METADATA", forged, formType), refused},
		"at an unknown endpoint":             {request("PUT /v9/anything", forged, formType), refused},
		"by an unknown method":               {request("patch /v1/me/metadata", forged, formType), refused},
		"in a GET":                           {request("GET /v1/me/metadata", forged, formType), refused},
		"in an image's place":                {request("POST /v1/me/profile_image", forged, formType), refused},
		"twice":                              {update(themed + "&" + themed), "form_param_duplicate"},
		"twice, once escaped":                {update(themed + "&unsafe%5fmetadata={}"), "form_param_duplicate"},
		"null":                               {update("unsafe_metadata=null"), badValue},
		"empty":                              {update("unsafe_metadata="), badValue},
		"no value":                           {update("unsafe_metadata"), badValue},
		"an array":                           {update("unsafe_metadata=[]"), badValue},
		"a doubled key":                      {update(`unsafe_metadata={"theme":1,"theme":2}`), badValue},
		"a doubled key, once escaped":        {update(`unsafe_metadata={"theme":1,"th\u0065me":2}`), badValue},
		"half a surrogate pair":              {update(`unsafe_metadata={"theme":"\ud800"}`), badValue},
		"two values":                         {update("unsafe_metadata={}{}"), badValue},
		"a byte order mark":                  {update("unsafe_metadata=%EF%BB%BF{}"), badValue},
		"a NUL in the value":                 {update("unsafe_metadata={}%00"), badValue},
		"a bomb of objects":                  {update("unsafe_metadata=" + strings.Repeat(`{"theme":`, 50_000)), badValue},
		"a bomb of arrays":                   {update(`unsafe_metadata={"theme":` + strings.Repeat("[", 900_000)), badValue},
		"brackets":                           {update("unsafe_metadata[]={}"), badName},
		"brackets and a key":                 {update("unsafe_metadata[role]=admin"), badName},
		"inside brackets":                    {update("user[unsafe_metadata]={}"), badName},
		"a dot and a key":                    {update("unsafe_metadata.role=admin"), badName},
		"another case":                       {update("Unsafe_Metadata={}"), badName},
		"in camel case":                      {update("unsafeMetadata={}"), badName},
		"with a dash":                        {update("unsafe-metadata={}"), badName},
		"beside the real one":                {update(themed + "&unsafe_Metadata={}"), badName},
		"a space before the name":            {update("+unsafe_metadata={}"), badBody},
		"a space after the name":             {update("unsafe_metadata%20={}"), badBody},
		"a NUL after the name":               {update("unsafe_metadata%00={}"), badBody},
		"escaped twice":                      {update("unsafe%255Fmetadata={}"), badBody},
		"a long s":                           {update("un%C5%BFafe_metadata={}"), badBody},
		"overlong UTF-8 in the name":         {update("unsafe%C1%9Fmetadata={}"), badBody},
		"overlong UTF-8 in the value":        {update(`unsafe_metadata={"theme":"%C0%AF"}`), badBody},
		"invalid UTF-8 elsewhere":            {update("username=%FF&" + themed), badBody},
		"a semicolon":                        {update("username=a;" + forged), badBody},
		"an escape that is none":             {update("username=%zz&" + themed), badBody},
		"an escape that is none, in a name":  {update("user%zzname=a&" + themed), badBody},
		"half an escape":                     {update(themed + "&username=%4"), badBody},
		"another line":                       {update("username=a\r\n" + forged), badBody},
		"another line, in the value":         {update("unsafe_metadata={\n}"), badBody},
		"a raw NUL":                          {update("username=a\x00&" + themed), badBody},
		"another encoding in a field":        {update("_charset_=utf-7&" + themed), badBody},
		"another encoding, in capitals":      {update("_CHARSET_=utf-7&" + themed), badBody},
		"a fragment in the query":            {request("POST /v1/me?a=#&_method=PATCH", themed, formType), unreadable},
		"_method in the body":                {update("_method=PATCH&" + themed), badBody},
		"UTF-16":                             {update("\xff\xfeu\x00n\x00s\x00a\x00f\x00e\x00"), badBody},
		"JSON as a form":                     {update(`{"unsafe_metadata":"{}"}`), badBody},
		"JSON as a form, split":              {update(`{"a":"=","unsafe_metadata":"{\"role\":1}"}`), badBody},
		"multipart as a form":                {update(multipart), badBody},
		"JSON":                               {request("PATCH /v1/me/metadata", `{"unsafe_metadata":"{}"}`, "Content-Type: application/json"), badType},
		"multipart":                          {request("PATCH /v1/me/metadata", multipart, boundary), badType},
		"multipart on a sign-up":             {request("POST /v1/client/sign_ups", multipart, boundary), badType},
		"multipart elsewhere":                {request("POST /v1/me/email_addresses", multipart, boundary), badType},
		"multipart in another case":          {request("POST /v1/me/Profile_Image", multipart, boundary), badType},
		"multipart below an image":           {request("POST /v1/me/profile_image/metadata", multipart, boundary), badType},
		"JSON for an image":                  {request("POST /v1/me/profile_image", "{}", "Content-Type: application/json"), badType},
		"multipart for an API key":           {request("POST /api_keys", multipart, boundary), badType},
		"text":                               {request("PATCH /v1/me/metadata", themed, "Content-Type: text/plain"), badType},
		"no type":                            {request("PATCH /v1/me/metadata", themed), badType},
		"two types":                          {update(themed, "Content-Type: application/json"), badType},
		"the same type twice":                {update(themed, formType), badType},
		"two types for an image":             {request("POST /v1/me/profile_image", multipart, boundary, formType), badType},
		"two types in one header":            {request("PATCH /v1/me/metadata", themed, formType+", application/json"), badType},
		"another charset":                    {request("PATCH /v1/me/metadata", themed, formType+"; charset=utf-16"), badType},
		"two charsets":                       {request("PATCH /v1/me/metadata", themed, formType+"; charset=utf-8; charset=utf-16"), badType},
		"another parameter":                  {request("PATCH /v1/me/metadata", themed, formType+"; boundary=x"), badType},
		"a compressed body":                  {update(compressed(t, forged), "Content-Encoding: gzip"), badType},
		"an encoding and another":            {update(themed, "Content-Encoding: identity", "Content-Encoding: gzip"), badType},
		"a type for one connection":          {update(themed, "Connection: close, Content-Type"), badType},
		"a type for one connection, hidden":  {update(themed, "Connection: close", "Connection: x,\tCONTENT-TYPE ,y"), badType},
		"a type with an underscore":          {update(themed, "Content_Type: application/json"), unreadable},
		"an encoding with an underscore":     {update(themed, "Content_Encoding: gzip"), unreadable},
		"another method":                     {request("GET /v1/me", "", "X-HTTP-Method-Override: PATCH"), unreadable},
		"another method, in other words":     {request("POST /v1/me", "", "X_Method_Override: PATCH"), unreadable},
		"in the query":                       {request("GET /v1/me?"+themed, ""), unreadable},
		"in the query of a write":            {request("PATCH /v1/me/metadata?"+themed, "a=b", formType), unreadable},
		"in the query, brackets":             {request("GET /v1/me?unsafe_metadata[role]=admin", ""), unreadable},
		"in the query, another case":         {request("GET /v1/me?UNSAFE_METADATA={}", ""), unreadable},
		"in the query, escaped twice":        {request("GET /v1/me?%2575nsafe%25255Fmetadata={}", ""), unreadable},
		"in the query, behind a semicolon":   {request("GET /v1/me?a=b;unsafe_metadata={}", ""), unreadable},
		"in the query, escapes of escapes":   {request("GET /v1/me?%%37%35nsafe_metadata={}", ""), unreadable},
		"in the query, a bad escape":         {request("GET /v1/me?unsafe_metadata%00%zz={}", ""), unreadable},
		"in the query, a long s":             {request("GET /v1/me?un%C5%BFafe_metadata={}", ""), unreadable},
		"_method on a GET":                   {request("GET /v1/me?_method=PATCH", ""), unreadable},
		"_method on a PATCH":                 {request("PATCH /v1/me/metadata?_method=GET", themed, formType), unreadable},
		"_method twice":                      {request("POST /v1/me?_method=PATCH&_method=PATCH", themed, formType), unreadable},
		"_method escaped":                    {request("POST /v1/me?%5Fmethod=PATCH", themed, formType), unreadable},
		"_method in capitals":                {request("POST /v1/me?_METHOD=PATCH", themed, formType), unreadable},
		"_method in brackets":                {request("POST /v1/me?_method[]=PATCH", themed, formType), unreadable},
		"_method behind a semicolon":         {request("GET /v1/me?a;_method=PATCH", ""), unreadable},
		"_method with an escaped value":      {request("POST /v1/me?_method=%50ATCH", themed, formType), unreadable},
		"_method in small letters":           {request("POST /v1/me?_method=patch", themed, formType), unreadable},
		"_method without a value":            {request("POST /v1/me?_method", themed, formType), unreadable},
		"a query with a semicolon":           {request("PATCH /v1/me/metadata?a=b;c=d", themed, formType), unreadable},
		"a query with a bad escape":          {request("PATCH /v1/me/metadata?a=%zz", themed, formType), unreadable},
		"a path with an escape":              {request("PATCH /v1/me%2Fmetadata", themed, formType), unreadable},
		"a path with an escaped letter":      {request("POST /v1/me/%70rofile_image", multipart, boundary), unreadable},
		"a path with dots":                   {request("POST /v1/x/../me/metadata", themed, formType), unreadable},
		"a path with a dot":                  {request("POST /v1/./me/metadata", themed, formType), unreadable},
		"a path with two slashes":            {request("POST /v1//me/metadata", themed, formType), unreadable},
		"a path with a slash at its end":     {request("PATCH /v1/me/metadata/", themed, formType), unreadable},
		"a path with a parameter":            {request("PATCH /v1/me/metadata;a=b", themed, formType), unreadable},
		"a path with a backslash":            {request(`PATCH /v1/me\metadata`, themed, formType), unreadable},
		"a path out of an image's":           {request("POST /v1/organizations/../logo", multipart, boundary), unreadable},
		"a chunked body, refused":            {update(chunked(forged), "Transfer-Encoding: chunked"), refused},
		"a chunked body, more than the form": {update(chunked(themed+"&", forged), "Transfer-Encoding: chunked"), "form_param_duplicate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, nil, proxy.AllowKeys("theme"))
			answer := g.send(t, test.raw)
			require.Equal(t, test.code, answer.code(), answer.body)
			require.Equal(t, map[string]int{
				unreadable: 400, badBody: 400, badType: 415, badName: 422, badValue: 422, refused: 422, "form_param_duplicate": 422,
			}[test.code], answer.status)
			if answer.status == http.StatusUnprocessableEntity || strings.HasPrefix(name, "in the query") {
				require.Equal(t, "unsafe_metadata", answer.Errors[0].Meta.ParamName)
			}
			require.NotEmpty(t, answer.Errors[0].Message)
			require.NotEmpty(t, answer.Errors[0].LongMessage)
			require.NotContains(t, answer.body, "admin", "no value is shown")
			require.Empty(t, g.arrivals())
		})
	}
}

func compressed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}
