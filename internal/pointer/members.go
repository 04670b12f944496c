package pointer

// Lookup returns the value that the steps lead to, through the members of objects only.
func Lookup(members map[string]any, steps []string) (value any, found bool) {
	value = members
	for _, step := range steps {
		object, _ := value.(map[string]any)
		if value, found = object[step]; !found {
			return nil, false
		}
	}
	return value, true
}

// Set sets a value where the steps, at least one, lead to, and makes the objects on the
// way. It reports false, and sets nothing, where another value is in the way.
func Set(members map[string]any, steps []string, value any) bool {
	last := len(steps) - 1
	for _, step := range steps[:last] {
		inner, found := members[step]
		if !found {
			inner = map[string]any{}
			members[step] = inner
		}
		object, isObject := inner.(map[string]any)
		if !isObject {
			return false
		}
		members = object
	}
	members[steps[last]] = value
	return true
}
