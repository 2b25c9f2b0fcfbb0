module example.com/manual

go 1.26.0
