"""What `import kb` offers: a collection that answers as the commands do, with results for a notebook."""
