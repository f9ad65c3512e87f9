package generator

import "context"

func (v *vetter) compile() {}

func (w *packageVet) custom(context.Context) error { return nil }
