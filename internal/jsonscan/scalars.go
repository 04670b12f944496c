package jsonscan

func (s *scanner) scalar() bool {
	switch s.peek() {
	case '"':
		return s.str()
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	default:
		return s.number()
	}
}

func (s *scanner) literal(word string) bool {
	end := s.at + len(word)
	if end > len(s.text) || string(s.text[s.at:end]) != word {
		return false
	}
	s.at = end
	return true
}

// str reads a string. Invalid UTF-8 passes, as it does in encoding/json.
func (s *scanner) str() bool {
	if !s.byte('"') {
		return false
	}
	for {
		s.plain()
		if s.byte('"') {
			return true
		}
		if !s.byte('\\') || !s.escape() {
			return false
		}
	}
}

// plain moves over bytes that stand for themselves in a string. It keeps its
// place in a variable: most of an answer is read here.
func (s *scanner) plain() {
	for i, c := range s.text[min(s.at, len(s.text)):] {
		if c == '"' || c == '\\' || c < ' ' {
			s.at += i
			return
		}
	}
	s.at = len(s.text)
}

// escape reads what follows a backslash.
func (s *scanner) escape() bool {
	c := s.peek()
	s.at++
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			if !s.hex() {
				return false
			}
		}
		return true
	default:
		return false
	}
}

func (s *scanner) hex() bool {
	c := s.peek()
	s.at++
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func (s *scanner) number() bool {
	s.byte('-')
	if !s.byte('0') && !s.digits() {
		return false
	}
	if s.byte('.') && !s.digits() {
		return false
	}
	if !s.byte('e') && !s.byte('E') {
		return true
	}
	if !s.byte('+') {
		s.byte('-')
	}
	return s.digits()
}

// digits reads at least one.
func (s *scanner) digits() bool {
	start := s.at
	for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
		s.at++
	}
	return s.at > start
}
