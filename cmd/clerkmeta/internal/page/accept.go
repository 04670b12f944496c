package page

import (
	"mime"
	"strconv"
	"strings"
)

// prefersHTML reports whether Accept headers name HTML and give it more weight than JSON, as
// those of browsers do (RFC 9110, section 12.5.1). A client that takes anything is none.
func prefersHTML(accept []string) bool {
	html, json := 0.0, 0.0
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		kind, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		weight := 1.0
		if q, named := parameters["q"]; named {
			if weight, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		switch kind {
		case "text/html":
			html = weight
		case "application/json":
			json = weight
		}
	}
	return html > json
}
