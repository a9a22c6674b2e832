"""Schema: the case format as JSON Schema, for editors and other programs."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from myotome.case.tables import CaseFile


def schema_of_case() -> dict[str, Any]:
    """JSON Schema of a case file, with bounds, choices and units."""
    schema = CaseFile.model_json_schema(schema_generator=TomlSchema)
    return {"$schema": TomlSchema.schema_dialect, **schema}


class TomlSchema(GenerateJsonSchema):
    """The schema of what can be written: TOML has no null, and what is not known is left out."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """The type itself."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """The type, without a default that only means that nothing was written."""
        return self.generate_inner(schema["schema"])
