package coalesce

// Remembered is how many entities the writer knows of.
func (w *Writer[K, E]) Remembered() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.entities)
}
