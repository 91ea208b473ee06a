"""The office's offline side: keys in three hands, a case book, files that go by stick."""
