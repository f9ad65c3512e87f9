// Package schema is what ent's code is generated from.
package schema

import (
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"github.com/jackc/pgx/v5/pgtype"
)

// Owner is the table owners.
type Owner struct{ ent.Schema }

// Fields are the columns.
func (Owner) Fields() []ent.Field {
	return []ent.Field{field.Int64("id"), field.String("name")}
}

// Edges are the references.
func (Owner) Edges() []ent.Edge { return []ent.Edge{edge.To("items", Item.Type)} }

// Item is the table items.
type Item struct{ ent.Schema }

// Fields are the columns.
func (Item) Fields() []ent.Field { return columns() }

// Edges are the references.
func (Item) Edges() []ent.Edge {
	return []ent.Edge{edge.From("owner", Owner.Type).Ref("items").Field("owner_id").Unique().Required()}
}

// Loaded is the table loaded.
type Loaded struct{ ent.Schema }

// Annotations name the table, which ent would call loadeds.
func (Loaded) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "loaded"}}
}

// Fields are the columns.
func (Loaded) Fields() []ent.Field { return columns() }

func columns() []ent.Field {
	postgres := func(typ string) map[string]string { return map[string]string{dialect.Postgres: typ} }
	return []ent.Field{
		field.Int64("id"),
		field.Other("ref", pgtype.UUID{}).SchemaType(postgres("uuid")),
		field.Int64("owner_id"),
		field.String("name"),
		field.Int32("quantity"),
		field.Other("price", pgtype.Numeric{}).SchemaType(postgres("numeric(12,2)")),
		field.Float("weight").Optional().Nillable(),
		field.Bool("active"),
		field.JSON("attributes", json.RawMessage{}),
		field.String("note").Optional().Nillable(),
		field.Time("created_at"),
		field.Time("shipped_at").Optional().Nillable(),
	}
}
