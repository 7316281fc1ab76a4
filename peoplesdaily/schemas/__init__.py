"""The contracts of records and run manifests as JSON Schema 2020-12."""
