"""Citations of the reports: CSL-JSON, BibTeX and RIS."""
