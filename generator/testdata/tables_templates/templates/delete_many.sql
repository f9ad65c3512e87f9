{{/* Nothing is ever deleted at once. */}}
