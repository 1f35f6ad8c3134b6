"""The collection as RDF: one table of properties drives every serialisation, the shapes, the context and the ontology."""
