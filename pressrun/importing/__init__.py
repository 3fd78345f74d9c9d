"""What people have, brought in: text, Markdown, Word files and web pages to articles."""
