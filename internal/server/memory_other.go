//go:build !linux

package server

// MemoryDir returns a folder in memory for [Options].ScratchDir, or "" if there is none.
func MemoryDir() string { return "" }
