# The targets take TOPIC=memory (one package) or CLAIM=memory.ReturnPointer (one
# claim); without them they run over everything.

TOPIC ?= $(firstword $(subst ., ,$(CLAIM)))
CLAIM ?=
KIND  ?= cpu
COUNT ?= 6
BENCHTIME ?= 50ms
FUZZTIME  ?= 30s

name   := $(lastword $(subst ., ,$(CLAIM)))
pkgs   := $(if $(TOPIC),./$(TOPIC),./...)
bench  := $(if $(CLAIM),^Benchmark$(name)$$,.)
out    := out

# How go test writes each kind of profile, and the sample index that pprof reads.
flags_cpu           := -cpuprofile
flags_alloc_space   := -memprofilerate=1 -memprofile
flags_alloc_objects := -memprofilerate=1 -memprofile
flags_mutex         := -mutexprofile
flags_block         := -blockprofile
index_mutex := delay
index_block := delay

.PHONY: help verify test race compare calibrate bench profile lint doc fuzz

help: ## list the targets
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 11

verify: ## judge the claims: the main thing to do here
	@go build -o $(out)/ ./cmd/claims
	@$(out)/claims verify -o $(out)/verify $(if $(CLAIM),-run '^$(CLAIM)$$') $(pkgs)

test: ## run the tests
	go test $(pkgs)

# -short leaves out the scripts that build and judge whole modules with the
# command: each runs its measurements in processes without the race detector.
race: ## run the tests under the race detector, in random order
	go test -race -short -shuffle=on -cpu=1,2,4 $(pkgs)

# compare is a module of its own, so that the libraries in it stay out of go.mod.
compare: ## test and judge our patterns beside the libraries a user would pick instead
	cd compare && go test ./...
	@go build -o $(out)/ ./cmd/claims
	@cd compare && ../$(out)/claims verify -o ../$(out)/compare ./...

calibrate: ## check the judge on known ratios and on ten claims turned into their opposites
	go test -count=1 -v -run 'Calibration|Opposites' ./cmd/claims -calibrate

bench: ## run benchmarks with go test and compare their variants with benchstat
	@mkdir -p $(out)
	@echo "go test -run '^$$' -bench '$(bench)' -benchmem -count $(COUNT) -benchtime $(BENCHTIME) $(pkgs)"
	@go test -run '^$$' -bench '$(bench)' -benchmem -count $(COUNT) -benchtime $(BENCHTIME) $(pkgs) > $(out)/bench.txt \
		|| { cat $(out)/bench.txt; exit 1; }
	@go tool benchstat -table .name -col /of $(out)/bench.txt

profile: ## print the top of a claim's profile: CLAIM=memory.ReturnPointer KIND=cpu
	@test -n "$(CLAIM)" || { echo "usage: make profile CLAIM=memory.ReturnPointer KIND=cpu|alloc_space|alloc_objects|mutex|block"; exit 2; }
	@test -n "$(flags_$(KIND))" || { echo "KIND=$(KIND): expected cpu, alloc_space, alloc_objects, mutex or block"; exit 2; }
	@mkdir -p $(out)
	@go test -run '^$$' -bench '$(bench)' -o $(out)/profile.test $(flags_$(KIND)) $(out)/$(KIND).pb.gz $(pkgs) > /dev/null
	@go tool pprof -top -nodecount 15 -sample_index $(or $(index_$(KIND)),$(KIND)) $(out)/$(KIND).pb.gz
	@echo "Flame graph: go tool pprof -http=: $(out)/$(KIND).pb.gz"

lint: ## gofmt, vet, staticcheck, go.mod
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo "gofmt -w . mends the files above"; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	go mod tidy -diff
	cd compare && go vet ./... && go mod tidy -diff
	@go build -o $(out)/ honnef.co/go/tools/cmd/staticcheck
	cd compare && ../$(out)/staticcheck ./...

doc: ## print the lesson and the reference of a topic: TOPIC=memory
	@go doc -all $(if $(TOPIC),./$(TOPIC),./cmd/claims)

fuzz: ## run every fuzz target for FUZZTIME
	@for pkg in $$(go list $(pkgs)); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
		done; \
	done
