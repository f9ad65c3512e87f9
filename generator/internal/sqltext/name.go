package sqltext

// Name is the name that a token of a text stands for, as PostgreSQL reads it:
// without its quotes, or in lower case. It is empty for a token that is no
// identifier, and for U&"…", whose escapes are not read.
func Name(text string, t Token) string {
	raw := text[t.Start:t.End]
	switch {
	case t.Kind == Ident:
		return lower(raw)
	case t.Kind == QuotedIdent && len(raw) > 2 && raw[0] == '"' && raw[len(raw)-1] == '"':
		return unquote(raw)
	}
	return ""
}
