package optimizing

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// binSizeStripped are the flags for a release: -s leaves out the symbol table and
// the debug information, -trimpath the directories.
var binSizeStripped = []string{"-trimpath", "-ldflags=-s -X main.version=v9"}

func binSizeBuild(t *testing.T, program string, flags ...string) (path string) {
	t.Helper()
	args := slices.Concat([]string{"build", "-buildvcs=false"}, flags, []string{"./testdata/binsize/" + program})
	path, out, err := proof.Build(t, args...)
	require.NoError(t, err, out)
	return path
}

func binSizeFile(t *testing.T, path string) []byte {
	t.Helper()
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	return file
}

// binSizeSymbols returns the names of the functions and variables in a program.
func binSizeSymbols(t *testing.T, path string) (names []string) {
	t.Helper()
	out, err := proof.Go(t, "tool", "nm", path)
	require.NoError(t, err, out)
	for line := range strings.Lines(out) {
		if fields := strings.Fields(line); len(fields) >= 3 {
			names = append(names, strings.Join(fields[2:], " "))
		}
	}
	return names
}

// The linker flag -s leaves out the symbol table, which go tool nm and debuggers
// read, and the debug information (DWARF); -w leaves out the debug information only,
// and the symbols remain. Since Go 1.22 -s includes -w. Here the file becomes
// smaller by more than a fifth. What the program itself needs is not touched: the
// names and lines of a panic are the same as before, because they come from another
// table, pclntab. So profiles and logs keep working; what you lose is a debugger,
// and tools such as go tool nm.
//
//claim:ask What do -ldflags "-s -w" remove, and does a panic still print names and lines?
//claim:source https://pkg.go.dev/cmd/link
//claim:source https://go.dev/doc/go1.22#linker
func TestBinSizeStripped(t *testing.T) {
	plain, stripped := binSizeBuild(t, "report"), binSizeBuild(t, "report", binSizeStripped...)
	assert.Less(t, len(binSizeFile(t, stripped)), len(binSizeFile(t, plain))*4/5)
	for _, path := range []string{plain, stripped} {
		out, err := exec.CommandContext(t.Context(), path).CombinedOutput()
		require.Error(t, err)
		assert.Contains(t, string(out), "main.fail(")
		assert.Regexp(t, `report/main\.go:\d+`, string(out))
	}
	require.Contains(t, binSizeSymbols(t, plain), "main.main")
	if runtime.GOOS == "linux" {
		require.Contains(t, binSizeSymbols(t, binSizeBuild(t, "report", "-ldflags=-w")), "main.main")
		out, err := proof.Go(t, "tool", "nm", stripped)
		require.Error(t, err)
		require.Contains(t, out, "no symbols")
	}
}

// No. The sections that -s removes are in the file only: no segment that the system
// loads into memory contains them, and no instruction of the program changes. The
// section of machine code has exactly the same size. What becomes smaller is what is
// copied and stored: the image, the download, the time to deploy. For most services
// that is not much beside their data, and the debug information is worth more when
// something goes wrong in production.
//
//claim:ask Does a program run faster or need less memory after -ldflags "-s -w"?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/debug/elf
func TestBinSizeLoaded(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads the format of Linux")
	}
	open := func(path string) *elf.File {
		file, err := elf.Open(path)
		require.NoError(t, err)
		t.Cleanup(func() { file.Close() })
		return file
	}
	plain, stripped := open(binSizeBuild(t, "report", "-trimpath")), open(binSizeBuild(t, "report", binSizeStripped...))
	removed := 0
	for _, section := range plain.Sections {
		if stripped.Section(section.Name) != nil {
			continue
		}
		removed++
		require.True(t, section.Name == ".symtab" || section.Name == ".strtab" || strings.HasPrefix(section.Name, ".debug_"), section.Name)
		require.Zero(t, section.Flags&elf.SHF_ALLOC, section.Name)
		for _, segment := range plain.Progs {
			if segment.Type == elf.PT_LOAD {
				require.False(t, section.Offset >= segment.Off && section.Offset < segment.Off+segment.Filesz, section.Name)
			}
		}
	}
	require.Greater(t, removed, 4)
	require.Equal(t, plain.Section(".text").Size, stripped.Section(".text").Size)
}

// The directories of the machine that has built it. Without it the full path of
// every source file is in the program, for tracebacks: here the directory of this
// package. With it, a path begins with the path of the package, such as
// github.com/…/main.go. The same source then gives the same bytes in any directory,
// which makes builds reproducible and keeps the names of your users out. It is not
// about size.
//
//claim:ask What does go build -trimpath remove?
//claim:source https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies
func TestBinSizeTrimpath(t *testing.T) {
	directory, err := os.Getwd()
	require.NoError(t, err)
	directory = filepath.ToSlash(directory)
	plain, stripped := binSizeBuild(t, "report"), binSizeBuild(t, "report", binSizeStripped...)
	assert.Contains(t, string(binSizeFile(t, plain)), directory+"/testdata/binsize/report/main.go")
	assert.NotContains(t, string(binSizeFile(t, stripped)), directory)
	assert.Contains(t, string(binSizeFile(t, stripped)), "github.com/go-deep-dive/godeep/optimizing/testdata/binsize/report/main.go")
}

// Yes: the Go version, the module versions and the build settings are in every
// program, also a stripped one, and go version -m or debug/buildinfo reads them from
// the file. Vulnerability scanners use it. A value that you set with -ldflags "-X
// main.version=v9" is an ordinary variable, initialised by the linker; it must be a
// string at package level. Do not pass secrets in build flags: without -trimpath the
// settings record them.
//
//claim:ask Can you still see what a stripped binary was built from?
//claim:source https://pkg.go.dev/debug/buildinfo
func TestBinSizeBuildInfo(t *testing.T) {
	path := binSizeBuild(t, "report", binSizeStripped...)
	info, err := buildinfo.ReadFile(path)
	require.NoError(t, err)
	settings := make(map[string]string)
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	assert.Regexp(t, `^go1\.`, info.GoVersion)
	assert.Equal(t, "github.com/go-deep-dive/godeep", info.Main.Path)
	assert.Equal(t, "true", settings["-trimpath"])
	assert.NotContains(t, settings, "-ldflags")
	out, _ := exec.CommandContext(t.Context(), path).CombinedOutput()
	assert.Contains(t, string(out), "version v9")

	info, err = buildinfo.ReadFile(binSizeBuild(t, "report", "-ldflags=-w"))
	require.NoError(t, err)
	require.Contains(t, info.Settings, debug.BuildSetting{Key: "-ldflags", Value: "-w"})
}

// The runtime is in every program: one that only calls println has more than 1,000
// functions of it. What you import comes on top: with package fmt the file is more
// than 1.2 times as large, because fmt needs reflect, strconv, unicode and os, which
// the smaller program does not contain. So look for large imports, above all those
// for one small use. go tool nm -size -sort size prints the largest functions and
// variables, and go list -deps all packages.
//
//claim:ask Why is a Go binary so large, and what makes it larger?
//claim:source https://go.dev/doc/faq#Why_is_my_trivial_program_such_a_large_binary
func TestBinSizeImports(t *testing.T) {
	tiny, report := binSizeBuild(t, "tiny"), binSizeBuild(t, "report")
	assert.Greater(t, float64(len(binSizeFile(t, report))), 1.2*float64(len(binSizeFile(t, tiny))))
	count := func(path, prefix string) (n int) {
		for _, name := range binSizeSymbols(t, path) {
			if strings.HasPrefix(name, prefix) {
				n++
			}
		}
		return n
	}
	assert.Greater(t, count(tiny, "runtime."), 1000)
	for _, needed := range []string{"reflect.", "strconv.", "unicode/utf8.", "os."} {
		assert.Zero(t, count(tiny, needed), needed)
		assert.Positive(t, count(report, needed), needed)
	}
}

// No. The linker keeps what can be reached from main, init functions and
// package-level variables: a function that nobody calls is not in the program, and
// neither is a large map that is never used. What it must keep is what has to run:
// var x = f() calls f at the start of the program, so f is there although x is never
// read. The same holds for everything that an init function reaches, and that is how
// an import with a side effect, such as a registration of drivers or metrics,
// becomes expensive.
//
//claim:ask Does unused code of a package that I import end up in the binary?
//claim:source https://go.dev/doc/go1.20#linker
//claim:source cmd/link/internal/ld/deadcode.go
func TestBinSizeDeadCode(t *testing.T) {
	symbols := binSizeSymbols(t, binSizeBuild(t, "report"))
	assert.NotContains(t, symbols, "main.neverCalled")
	assert.NotContains(t, symbols, "main.neverUsed")
	assert.Contains(t, symbols, "main.initialise")
	assert.Contains(t, symbols, "main.calledAnyway")
}

// Because any exported method could be meant. Usually the linker removes methods
// that are neither called nor part of an interface in use, also of types that are
// stored in interfaces. One call of reflect.Value.MethodByName with a name that is
// not a constant makes it keep all exported methods of all types that are stored in
// interfaces anywhere, with all that these call. In the example it is the method
// Unused, and the file is more than 1.2 times as large. Package text/template has
// such a call.
//
//claim:ask How can one call of package reflect make the binary much larger?
//claim:source https://pkg.go.dev/reflect#Value.MethodByName
//claim:source cmd/link/internal/ld/deadcode.go
func TestBinSizeMethodByName(t *testing.T) {
	report, dynamic := binSizeBuild(t, "report"), binSizeBuild(t, "dynamic")
	assert.NotContains(t, binSizeSymbols(t, report), "main.order.Unused")
	assert.Contains(t, binSizeSymbols(t, dynamic), "main.order.Unused")
	assert.Greater(t, float64(len(binSizeFile(t, dynamic))), 1.2*float64(len(binSizeFile(t, report))))

	directory, err := proof.Go(t, "list", "-f", "{{.Dir}}", "text/template")
	require.NoError(t, err, directory)
	template := binSizeFile(t, filepath.Join(strings.TrimSpace(directory), "exec.go"))
	assert.Contains(t, string(template), ".MethodByName(fieldName)")
}

// One for each shape, and not for each type. Types with the same underlying type
// have the same shape, and all pointers share one if the constraint is an ordinary
// interface such as any. A function for int32, int64, *int and *order is three times
// in the program, with a small dictionary for each of the four types. So a generic
// function is cheap in size for pointers and costs one copy for each kind of value.
// A large one can be split: the part that does not depend on the type goes into a
// function without type parameters.
//
//claim:ask How many copies of a generic function are in the binary?
//claim:source https://go.dev/design/generics-implementation-dictionaries-go1.18
func TestBinSizeGenerics(t *testing.T) {
	shape, dictionary := regexp.MustCompile(`^main\.sum\[go\.shape\..*\]$`), regexp.MustCompile(`^main\.\.dict\.sum\[.*\]$`)
	var shapes, dictionaries int
	for _, name := range binSizeSymbols(t, binSizeBuild(t, "report")) {
		if shape.MatchString(name) {
			shapes++
		}
		if dictionary.MatchString(name) {
			dictionaries++
		}
	}
	assert.Equal(t, 3, shapes)
	assert.Equal(t, 4, dictionaries)
}

// As much as the file has, byte by byte: go:embed does not compress. The source of
// the example program, embedded in itself, can be read in the binary as it is.
// Compress large assets before embedding, if it is acceptable to pay for it at each
// start, or serve them from files.
//
//claim:ask What does go:embed add to the binary? Is it compressed?
//claim:source https://pkg.go.dev/embed
func TestBinSizeEmbed(t *testing.T) {
	source, err := os.ReadFile("testdata/binsize/report/main.go")
	require.NoError(t, err)
	require.True(t, bytes.Contains(binSizeFile(t, binSizeBuild(t, "report")), source))
	require.False(t, bytes.Contains(binSizeFile(t, binSizeBuild(t, "dynamic")), []byte("func neverCalled")))
}
