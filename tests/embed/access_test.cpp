// What a host grants its scripts, and every way around it.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csp/csp.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using csp::Access;

/// What a program prints, or the errors that it has.
std::string run(const Access& access, const std::string& imports, const std::string& body) {
    std::string out;
    csp::Options options;
    options.access = access;
    options.output = [&](int, std::string_view bytes) { out += bytes; };
    csp::Engine engine(options);
    engine.add(csp::standard_library());
    std::string head = "package main\n";
    for (std::size_t at = 0; at < imports.size();) {
        const std::size_t end = std::min(imports.find(' ', at), imports.size());
        head += "import \"" + imports.substr(at, end - at) + "\"\n";
        at = end + 1;
    }
    const auto compiled = engine.compile({{"a.csp", head + "func main() {\n" + body + "\n}\n"}});
    for (const csp::Diagnostic& d : compiled.diagnostics) out += d.message + "\n";
    if (!compiled.program) return out;
    engine.run(*compiled.program);
    return out;
}

/// A folder with what scripts may read, what they may change, and what they may not.
class Files : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "csp_access_XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        top = fs::canonical(name);
        fs::create_directories(top / "in/sub");
        fs::create_directories(top / "out");
        fs::create_directories(top / "indeed");
        write("secret", "secret");
        write("indeed/file", "secret");
        write("in/file", "inside");
        write("in/sub/file", "below");
        fs::create_symlink("sub/file", top / "in/inner");
        fs::create_symlink("../secret", top / "in/link");
        fs::create_symlink(top / "secret", top / "in/absolute");
        fs::create_symlink("..", top / "in/up");
        fs::create_symlink("/proc/self/root", top / "in/root");
        access.read = {(top / "in").string()};
        access.write = {(top / "out").string()};
    }
    void TearDown() override { fs::remove_all(top); }

    void write(const std::string& name, const std::string& text) { std::ofstream(top / name) << text; }
    std::string read(const std::string& name) {
        std::ifstream file(top / name);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    /// The body sees the folder as `top`.
    std::string script(const std::string& body, const std::string& imports = "fmt os errors io/fs") {
        std::string uses;
        if (imports.find("errors") != std::string::npos) uses = "_, _ = errors.New, fs.ErrExist\n";
        return run(access, imports, "const top = \"" + top.string() + "\"\n_ = top\n" + uses + body);
    }
    /// What reading a file prints: its text, or the error.
    std::string reading(const std::string& name) {
        return script("text, err := os.ReadFile(top + \"/" + name + "\")\nif err != nil { fmt.Print(err.(*os.PathError).Err, errors.Is(err, fs.ErrPermission)) }\nfmt.Print(string(text))");
    }

    fs::path top;
    Access access;
};

TEST_F(Files, WhatIsInTheFolderIsRead) {
    EXPECT_EQ(reading("in/file"), "inside");
    EXPECT_EQ(reading("in/sub/file"), "below");
    EXPECT_EQ(reading("in/inner"), "below");
    EXPECT_EQ(reading("in/sub/../file"), "inside");
    EXPECT_EQ(reading("./in//./file"), "inside");
    EXPECT_EQ(reading("in/missing"), "no such file or directory false");
}

TEST_F(Files, NoPathLeadsOut) {
    for (const char* name : {"secret", "indeed/file", "in/../secret", "in/link", "in/absolute", "in/up/secret", "in/sub/../../secret", "in/../in/../secret",
                             "in/root/etc/passwd", "in/file/../../secret", "in/up", "in/.."})
        EXPECT_TRUE(reading(name) == "not granted true" || reading(name) == "not a directory false") << name << ": " << reading(name);
    EXPECT_EQ(script("_, err := os.ReadFile(\"/proc/self/root\" + top + \"/secret\"); fmt.Print(err)"),
              "open /proc/self/root" + top.string() + "/secret: not granted");
    EXPECT_EQ(script("_, err := os.ReadFile(\"/etc/passwd\"); fmt.Print(err)"), "open /etc/passwd: not granted");
    EXPECT_EQ(script("_, err := os.Stat(top + \"/secret\"); fmt.Print(err)"), "stat " + top.string() + "/secret: not granted");
    EXPECT_EQ(script("_, err := os.Stat(top + \"/in/link\"); fmt.Print(err)"), "stat " + top.string() + "/in/link: not granted");
    EXPECT_EQ(script("_, err := os.ReadDir(top); fmt.Print(err)"), "open " + top.string() + ": not granted");
    EXPECT_EQ(script("_, err := os.ReadFile(top + \"/in/file\\x00\"); fmt.Print(err != nil)"), "true");
}

TEST_F(Files, LinksThemselvesAreSeen) {
    EXPECT_EQ(script("info, err := os.Lstat(top + \"/in/link\"); fmt.Print(info.Mode().Type(), err)"), "L--------- <nil>");
    EXPECT_EQ(script("to, err := os.Readlink(top + \"/in/link\"); fmt.Print(to, err)"), "../secret<nil>");
    EXPECT_EQ(script("entries, _ := os.ReadDir(top + \"/in\"); for _, e := range entries { fmt.Print(e.Name(), \" \") }"),
              "absolute file inner link root sub up ");
    EXPECT_EQ(script("filepath.WalkDir(top + \"/in\", func(path string, d fs.DirEntry, err error) error { fmt.Print(path[len(top):], \" \"); return err })",
                     "fmt io/fs path/filepath"),
              "/in /in/absolute /in/file /in/inner /in/link /in/root /in/sub /in/sub/file /in/up ");
}

TEST_F(Files, ReadingIsNotWriting) {
    const char* const changes[] = {
        "os.WriteFile(top + \"/in/file\", nil, 0666)", "os.Mkdir(top + \"/in/new\", 0777)", "os.Remove(top + \"/in/file\")", "os.RemoveAll(top + \"/in/sub\")",
        "os.Rename(top + \"/in/file\", top + \"/out/file\")", "os.Rename(top + \"/out/x\", top + \"/in/x\")", "os.Link(top + \"/in/file\", top + \"/out/file\")",
        "os.Symlink(\"file\", top + \"/in/new\")", "os.Chmod(top + \"/in/file\", 0)", "os.Chown(top + \"/in/file\", -1, -1)", "os.Truncate(top + \"/in/file\", 0)",
        "os.Chtimes(top + \"/in/file\", time.Time{}, time.Now())", "os.Mkdir(top + \"/new\", 0777)", "os.Remove(top + \"/secret\")",
        "os.WriteFile(top + \"/in/link\", nil, 0666)", "os.WriteFile(top + \"/out/../secret\", nil, 0666)"};
    for (const char* change : changes)
        EXPECT_EQ(script(std::string("_ = time.Now\nerr := ") + change + "\nfmt.Print(errors.Is(err, fs.ErrPermission))", "fmt os errors io/fs time"), "true") << change;
    for (const char* flag : {"os.O_WRONLY", "os.O_RDWR", "os.O_CREATE", "os.O_TRUNC", "3", "0x410000|os.O_RDWR"})
        EXPECT_EQ(script(std::string("_, err := os.OpenFile(top + \"/in/file\", ") + flag + ", 0666); fmt.Print(errors.Is(err, fs.ErrPermission))"), "true") << flag;
    EXPECT_EQ(script("f, _ := os.Open(top + \"/in/file\"); fmt.Print(f.Chmod(0), f.Chown(-1, -1))"),
              "chmod " + top.string() + "/in/file: not granted chown " + top.string() + "/in/file: not granted");
    EXPECT_EQ(read("in/file"), "inside");
    EXPECT_EQ(read("secret"), "secret");
    EXPECT_TRUE(fs::exists(top / "in/sub/file"));
}

TEST_F(Files, WhatMayBeChangedIs) {
    EXPECT_EQ(script(R"(
dir := top + "/out"
fmt.Println(os.MkdirAll(dir + "/a/b", 0777), os.WriteFile(dir + "/a/b/f", []byte("text"), 0666))
fmt.Println(os.Rename(dir + "/a/b/f", dir + "/g"), os.Link(dir + "/g", dir + "/h"), os.Symlink("g", dir + "/l"), os.Chmod(dir + "/h", 0600))
fmt.Println(os.Truncate(dir + "/l", 2), os.RemoveAll(dir + "/a"))
text, err := os.ReadFile(dir + "/h")
fmt.Println(string(text), err)
f, err := os.CreateTemp(dir, "x*")
fmt.Println(err, f.Chmod(0600), f.Close(), os.Remove(f.Name())))"),
              "<nil> <nil>\n<nil> <nil> <nil> <nil>\n<nil> <nil>\nte <nil>\n<nil> <nil> <nil> <nil>\n");
    EXPECT_EQ(read("out/g"), "te");
    EXPECT_EQ(script("fmt.Print(os.RemoveAll(top + \"/out\") != nil)"), "true");
    EXPECT_TRUE(fs::exists(top / "out"));
}

TEST_F(Files, NoLinkThatLeadsOutIsMade) {
    for (const char* target : {"../secret", "/etc/passwd", "a/../../secret", ".."})
        EXPECT_EQ(script(std::string("err := os.Symlink(\"") + target + "\", top + \"/out/l\"); fmt.Print(errors.Is(err, fs.ErrPermission))"), "true") << target;
    EXPECT_EQ(script("fmt.Print(os.Link(top + \"/secret\", top + \"/out/l\"))"),
              "link " + top.string() + "/secret " + top.string() + "/out/l: not granted");
    EXPECT_FALSE(fs::exists(fs::symlink_status(top / "out/l")));
}

TEST_F(Files, RootsAreConfinedToo) {
    EXPECT_EQ(script("_, err := os.OpenRoot(top); fmt.Print(err)"), "open " + top.string() + ": not granted");
    EXPECT_EQ(script("r, err := os.OpenRoot(top + \"/in\"); text, _ := r.ReadFile(\"file\"); _, out := r.ReadFile(\"link\"); fmt.Print(err, string(text), out)"),
              "<nil>insideopenat link: path escapes from parent");
    EXPECT_EQ(script(R"(
r, _ := os.OpenRoot(top + "/in")
below, _ := r.OpenRoot("sub")
_, create := below.Create("new")
for _, err := range []error{r.WriteFile("file", nil, 0666), r.Mkdir("new", 0777), r.Remove("file"), r.Rename("file", "new"), r.Link("file", "new"),
	r.Symlink("file", "new"), r.Chmod("file", 0), r.Chown("file", -1, -1), r.Chtimes("file", time.Now(), time.Now()), below.Remove("file"), create} {
	fmt.Print(errors.Is(err, fs.ErrPermission), " ")
})", "fmt os errors io/fs time"),
              "true true true true true true true true true true true ");
    EXPECT_EQ(script("r, _ := os.OpenRoot(top + \"/out\"); fmt.Print(r.WriteFile(\"f\", []byte(\"x\"), 0666), r.Symlink(\"../secret\", \"l\"))"),
              "<nil> symlinkat ../secret l: not granted");
    EXPECT_EQ(script("text, err := fs.ReadFile(os.DirFS(top + \"/in\"), \"sub/file\"); _, out := fs.ReadFile(os.DirFS(top), \"secret\"); fmt.Print(string(text), err, out)"),
              "below<nil> open secret: not granted");
}

TEST_F(Files, AFileAloneMayBeGranted) {
    access.read = {(top / "in/file").string()};
    access.write = {(top / "new").string()};
    EXPECT_EQ(reading("in/file"), "inside");
    EXPECT_EQ(reading("in/sub/file"), "not granted true");
    EXPECT_EQ(reading("in/file/"), "not granted true");
    EXPECT_EQ(script("fmt.Print(os.WriteFile(top + \"/new\", []byte(\"made\"), 0666), os.WriteFile(top + \"/newer\", nil, 0666))"),
              "<nil> open " + top.string() + "/newer: not granted");
    EXPECT_EQ(read("new"), "made");
}

TEST_F(Files, FoldersThatAreReplacedStayTheSame) {
    csp::Options options;
    std::string out;
    options.access = access;
    options.output = [&](int, std::string_view bytes) { out += bytes; };
    csp::Engine engine(options);
    engine.add(csp::standard_library());
    const auto compiled = engine.compile({{"a.csp", "import \"os\"\nimport \"fmt\"\n_, err := os.ReadFile(\"" + (top / "in/secret").string() + "\")\nfmt.Print(err != nil)\n"}});
    ASSERT_TRUE(compiled.program);
    fs::rename(top / "in", top / "was");
    fs::create_symlink(top, top / "in");
    engine.run(*compiled.program);
    EXPECT_EQ(out, "true");
}

TEST_F(Files, RelativePathsAreSeenFromTheWorkingDirectory) {
    const fs::path before = fs::current_path();
    fs::current_path(top / "in");
    access.read = {"."};
    const std::string inside = run(access, "fmt os", "text, err := os.ReadFile(\"./sub/../file\"); fmt.Print(string(text), err)");
    const std::string around = run(access, "fmt os", "text, err := os.ReadFile(\"../in/sub/file\"); fmt.Print(string(text), err)");
    const std::string outside = run(access, "fmt os", "_, err := os.ReadFile(\"../secret\"); fmt.Print(err)");
    const std::string folder = run(access, "fmt os", "entries, err := os.ReadDir(\".\"); fmt.Print(len(entries), err)");
    fs::current_path(before);
    EXPECT_EQ(inside, "inside<nil>");
    EXPECT_EQ(around, "below<nil>");
    EXPECT_EQ(outside, "open ../secret: not granted");
    EXPECT_EQ(folder, "7 <nil>");
}

TEST_F(Files, NothingIsGrantedUnlessTheHostDoes) {
    struct Case {
        const char *imports, *body, *message;
    };
    const Case cases[] = {
        {"os", "os.ReadFile(\"x\")", "os.ReadFile is not granted: the host gives scripts no folders to read"},
        {"os", "f := os.Open; _ = f", "os.Open is not granted: the host gives scripts no folders to read"},
        {"os", "os.WriteFile(\"x\", nil, 0)", "os.WriteFile is not granted: the host gives scripts no folders to write"},
        {"os", "os.Getenv(\"HOME\")", "os.Getenv is not granted: the host gives scripts no variables of the environment"},
        {"os", "os.Chdir(\"/\")", "os.Chdir is not granted: the host does not let scripts change its process"},
        {"os", "var f *os.File; f.Chdir()", "f.Chdir is not granted: the host does not let scripts change its process"},
        {"os", "os.NewFile(3, \"\")", "os.NewFile is not granted: the host does not let scripts change its process"},
        {"os", "os.Hostname()", "os.Hostname is not granted: the host does not let scripts ask about the system"},
        {"os", "os.Getpid()", "os.Getpid is not granted: the host does not let scripts ask about the system"},
        {"os", "os.FindProcess(1)", "os.FindProcess is not granted: the host does not let scripts start processes, or signal them"},
        {"os", "os.StartProcess(\"/bin/true\", nil, nil)", "os.StartProcess is not granted: the host does not let scripts start processes, or signal them"},
        {"os", "os.Stdin.Close()", "os.Stdin is not granted: the host does not let scripts read standard input"},
        {"fmt", "fmt.Scan()", "fmt.Scan is not granted: the host does not let scripts read standard input"},
        {"syscall", "syscall.Kill(1, 0)", "syscall.Kill is not granted: the host does not let scripts start processes, or signal them"},
        {"net", "net.Dial(\"tcp\", \"\")", "net.Dial is not granted: the host gives scripts no addresses to dial"},
        {"net", "var d net.Dialer; d.Dial(\"tcp\", \"\")", "d.Dial is not granted: the host gives scripts no addresses to dial"},
        {"net", "net.LookupHost(\"x\")", "net.LookupHost is not granted: the host gives scripts no addresses to dial"},
        {"net", "net.Listen(\"tcp\", \"\")", "net.Listen is not granted: the host gives scripts no addresses to listen on"},
        {"net", "net.Interfaces()", "net.Interfaces is not granted: the host does not let scripts ask about the system"},
        {"net/http", "http.Get(\"\")", "http.Get is not granted: the host gives scripts no addresses to dial"},
        {"net/http", "http.ListenAndServe(\"\", nil)", "http.ListenAndServe is not granted: the host gives scripts no addresses to listen on"},
        {"net/http", "_ = http.Dir(\".\")", "http.Dir is not granted: the host gives scripts no folders to read"},
        {"net/http", "var d http.Dir; _ = d", "http.Dir is not granted: the host gives scripts no folders to read"},
        {"crypto/tls", "tls.LoadX509KeyPair(\"\", \"\")", "tls.LoadX509KeyPair is not granted: the host gives scripts no folders to read"},
        {"text/template", "template.ParseFiles(\"x\")", "template.ParseFiles is not granted: the host gives scripts no folders to read"},
        {"path/filepath", "filepath.Glob(\"*\")", "filepath.Glob is not granted: the host gives scripts no folders to read"},
        {"os/exec", "", "package os/exec is not granted: the host does not let scripts start processes, or signal them"},
        {"os/signal", "", "package os/signal is not granted: the host does not let scripts change its process"},
        {"os/user", "", "package os/user is not granted: the host does not let scripts ask about the system"},
    };
    for (const Case& one : cases) EXPECT_NE(run({}, one.imports, one.body).find(one.message), std::string::npos) << one.body << run({}, one.imports, one.body);
    EXPECT_EQ(run({}, "log log/slog fmt os errors io/fs net/http time", "log.SetFlags(0); log.Print(1); slog.SetDefault(slog.Default()); fmt.Fprint(os.Stdout, 2, errors.Is(nil, fs.ErrExist), http.MethodGet)\n_, err := time.LoadLocation(\"UTC\"); fmt.Print(err)"),
              "1\n2 falseGET<nil>");
}

TEST(Access, GrantedPackagesAlone) {
    Access access;
    access.packages = {"fmt", "encoding/*"};
    EXPECT_EQ(run(access, "fmt encoding/hex", "fmt.Print(hex.EncodeToString([]byte{7}))"), "07");
    EXPECT_NE(run(access, "strings", "").find("package strings is not granted: the host does not let scripts import it"), std::string::npos);
    EXPECT_NE(run(access, "encoding", "").find("package encoding is not granted"), std::string::npos);
    EXPECT_EQ(run(access, "fmt", "var mu sync.Mutex\nsync mu { fmt.Print(1) }"), "1");  // the keyword
}

TEST(Access, WhatIsNotGrantedIsNotToldOf) {
    csp::Engine engine;
    engine.add(csp::standard_library());
    const auto packages = engine.packages();
    EXPECT_TRUE(std::binary_search(packages.begin(), packages.end(), "os"));
    EXPECT_FALSE(std::binary_search(packages.begin(), packages.end(), "os/exec"));
    EXPECT_FALSE(engine.describe("os/exec"));
    const auto os = engine.describe("os");
    ASSERT_TRUE(os);
    const auto has = [&](std::string_view name) {
        return std::any_of(os->names.begin(), os->names.end(), [&](const csp::NameDoc& n) { return n.name == name; });
    };
    EXPECT_TRUE(has("Exit"));
    EXPECT_FALSE(has("ReadFile"));
    const auto near = engine.check({{"a.csp", "import \"os\"\nos.ReadFil(\"x\")\n"}});
    ASSERT_EQ(near.size(), 1U);
    EXPECT_EQ(near[0].hint, "");
    const auto missing = engine.check({{"a.csp", "import \"os/exe\"\n"}});
    ASSERT_FALSE(missing.empty());
    EXPECT_EQ(missing[0].hint.find("os/exec"), std::string::npos);
}

TEST(Access, EntriesThatMeanNothingAreErrors) {
    const auto problem = [](auto set) {
        Access access;
        set(access);
        return run(access, "", "");
    };
    const std::string form = ": not host:port (a name, an address, a prefix or *, and a port, a range of ports or *)\n";
    EXPECT_EQ(problem([](Access& a) { a.read = {"/no/such/folder"}; }), "read \"/no/such/folder\": No such file or directory\n");
    EXPECT_EQ(problem([](Access& a) { a.write = {""}; }), "write \"\": not a path\n");
    for (const char* entry : {"host", "10.0.0.0/33:1", "1.2.3:5", "x:70000", "x:5-4", "::1:80", "[::1:80", "", "a b:1", "10.0.0.1/x:1", "[x]:1"})
        EXPECT_EQ(problem([&](Access& a) { a.dial = {entry}; }), "dial \"" + std::string(entry) + "\"" + form);
    EXPECT_EQ(problem([](Access& a) { a.listen = {":80"}; }), "listen \":80\"" + form);
}

TEST(Access, Environment) {
    ::setenv("CSP_ACCESS_A", "a", 1);
    ::setenv("CSP_ACCESS_B", "b", 1);
    Access access;
    access.environment = {"CSP_ACCESS_A"};
    const std::string body = "fmt.Print(os.Getenv(\"CSP_ACCESS_A\"), os.Getenv(\"CSP_ACCESS_B\"), len(os.Environ()))";
    EXPECT_EQ(run(access, "fmt os", body), "a1");
    access.environment = {"CSP_ACCESS_*"};
    EXPECT_EQ(run(access, "fmt os", body), "ab2");
}

TEST(Access, ProgramsOfOtherEnginesGetNoMore) {
    csp::Options all;
    all.access = Access::everything();
    csp::Engine first(all);
    first.add(csp::standard_library());
    const auto compiled = first.compile({{"a.csp", R"(
import ("fmt"; "internal/stdio"; "os"; "net"; "os/exec"; "os/user"; "os/signal"; "syscall"; "errors"; "io/fs")
no := func(err error) { fmt.Print(errors.Is(err, fs.ErrPermission), " ") }
_, err := os.ReadFile("/etc/passwd"); no(err)
no(os.WriteFile("/tmp/csp_access_never", nil, 0666))
no(os.Chdir("/"))
_, err = os.Hostname(); no(err)
_, err = os.Executable(); no(err)
_, err = os.Getwd(); no(err)
_, err = os.StartProcess("/bin/true", nil, &os.ProcAttr{}); no(err)
no(exec.Command("/bin/true").Run())
no(syscall.Kill(syscall.Getpid(), 0))
_, err = net.Dial("tcp", "127.0.0.1:1"); no(err)
_, err = net.Dial("udp", "127.0.0.1:1"); no(err)
_, err = net.Dial("unix", "/tmp/x"); no(err)
_, err = net.Listen("tcp", "127.0.0.1:0"); no(err)
_, err = net.ListenPacket("udp", "127.0.0.1:0"); no(err)
_, err = net.LookupHost("localhost"); no(err)
_, err = net.LookupTXT("localhost"); no(err)
_, err = net.Interfaces(); no(err)
_, err = os.Stdin.Read(make([]byte, 1)); no(err)
_, err = os.NewFile(9, "x").Read(make([]byte, 1))
_, who := user.Current()
fmt.Println(err != nil, who != nil, len(os.Environ()), os.Getpid(), signal.Ignored(os.Interrupt))
n, code := stdio.Read(3, make([]byte, 1))
fmt.Println(n, code)
signal.Ignore(os.Interrupt)
)"}});
    ASSERT_TRUE(compiled.program) << compiled.diagnostics[0].text();
    std::string out;
    csp::Options none;
    none.output = [&](int, std::string_view bytes) { out += bytes; };
    csp::Engine second(none);
    second.run(*compiled.program);
    std::string expected;
    for (int i = 0; i < 18; ++i) expected += "true ";
    expected += "true true 0 -1 false\n0 4095\npanic: os/signal: not granted\n";
    EXPECT_EQ(out.substr(0, expected.size()), expected);
}

/// A TCP socket of the host's that listens on the loopback address.
class Listening {
  public:
    Listening() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&at), size), 0);
        EXPECT_EQ(::listen(fd_, 16), 0);
        EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size), 0);
        port_ = std::to_string(ntohs(at.sin_port));
    }
    Listening(const Listening&) = delete;
    ~Listening() { ::close(fd_); }
    const std::string& port() const { return port_; }

  private:
    int fd_;
    std::string port_;
};

std::string dial(const std::vector<std::string>& granted, const std::string& network, const std::string& address) {
    Access access;
    access.dial = granted;
    return run(access, "fmt net errors io/fs", "c, err := net.Dial(\"" + network + "\", \"" + address +
                                                   "\")\nif err == nil { c.Close() }\nfmt.Print(err == nil, errors.Is(err, fs.ErrPermission))");
}

TEST(Access, DialsWhatIsGranted) {
    const Listening server;
    const std::string& port = server.port();
    const std::string address = "127.0.0.1:" + port;
    const std::string yes = "true false", no = "false true";
    for (const std::string& granted : std::vector<std::string>{address, "127.0.0.0/8:" + port, "127.0.0.1:*", "*:" + port, "*", "127.0.0.1:1-65535",
                                       "[::ffff:127.0.0.1]:" + port, "[::]/0:" + port, "[::/0]:" + port})
        EXPECT_EQ(dial({granted}, "tcp", address), yes) << granted;
    for (const std::string& granted : std::vector<std::string>{"127.0.0.1:1", "127.0.0.2:" + port, "10.0.0.0/8:" + port, "localhost:" + port, "[::1]:" + port,
                                       "/tmp", "example.com:" + port})
        EXPECT_EQ(dial({granted}, "tcp", address), no) << granted;
    // The address that is reached counts.
    EXPECT_EQ(dial({"0.0.0.0:" + port}, "tcp", "0.0.0.0:" + port), no);
    EXPECT_EQ(dial({address}, "tcp", ":" + port), yes);
    EXPECT_EQ(dial({address}, "tcp", "[::ffff:127.0.0.1]:" + port), yes);
}

TEST(Access, NamesAreGrantedByNameOrByTheirAddresses) {
    const Listening server;
    const std::string& port = server.port();
    EXPECT_EQ(dial({"localhost:" + port}, "tcp4", "localhost:" + port), "true false");
    EXPECT_EQ(dial({"LOCALHOST.:" + port}, "tcp4", "LocalHost:" + port), "true false");
    EXPECT_EQ(dial({"127.0.0.1:" + port}, "tcp4", "localhost:" + port), "true false");
    EXPECT_EQ(dial({"10.0.0.1:" + port}, "tcp4", "localhost:" + port), "false true");
    EXPECT_EQ(dial({"localhost:1"}, "tcp4", "localhost:" + port), "false true");
    EXPECT_EQ(dial({"example.com:" + port}, "tcp4", "localhost:" + port), "false true");  // it is not even looked up
    Access access;
    access.dial = {"example.com:80"};
    EXPECT_EQ(run(access, "fmt net", "_, err := net.LookupHost(\"localhost\"); fmt.Print(err)"), "lookup localhost: not granted");
}

TEST(Access, ListensWhereItIsGranted) {
    const auto listen = [](const std::string& granted, const std::string& network, const std::string& address) {
        Access access;
        access.listen = {granted};
        const std::string call = network.starts_with("udp") ? "ListenPacket" : "Listen";
        return run(access, "fmt net errors io/fs", "l, err := net." + call + "(\"" + network + "\", \"" + address +
                                                       "\")\nif err == nil { l.Close() }\nfmt.Print(err == nil, errors.Is(err, fs.ErrPermission))");
    };
    for (const char* network : {"tcp", "udp"}) {
        EXPECT_EQ(listen("127.0.0.1:0", network, "127.0.0.1:0"), "true false");
        EXPECT_EQ(listen("localhost:0", network, "localhost:0"), "true false");
        EXPECT_EQ(listen("*:0", network, ":0"), "true false");
        EXPECT_EQ(listen("127.0.0.1:0", network, ":0"), "false true");
        EXPECT_EQ(listen("127.0.0.1:0", network, "0.0.0.0:0"), "false true");
        EXPECT_EQ(listen("127.0.0.1:8000-9000", network, "127.0.0.1:0"), "false true");
        EXPECT_EQ(listen("127.0.0.1:0", network, "127.0.0.1:65431"), "false true");
    }
}

TEST(Access, PacketsAreDials) {
    Access access;
    access.listen = {"127.0.0.1:0"};
    access.dial = {"127.0.0.1:9"};
    EXPECT_EQ(run(access, "fmt net", R"(
c, err := net.ListenPacket("udp4", "127.0.0.1:0")
if err != nil { panic(err) }
_, granted := c.WriteTo([]byte("x"), &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9})
_, other := c.WriteTo([]byte("x"), &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 53})
fmt.Print(granted, " ", other.(*net.OpError).Err))"), "<nil> sendto: not granted");
}

TEST_F(Files, UnixSocketsAreInTheirFolders) {
    access.listen = access.dial = {(top / "out").string()};
    EXPECT_EQ(script(R"(
l, err := net.Listen("unix", top + "/out/s")
if err != nil { panic(err) }
go func() { c, _ := l.Accept(); c.Write([]byte("hello")); c.Close() }()
c, err := net.Dial("unix", top + "/out/s")
if err != nil { panic(err) }
text, _ := io.ReadAll(c)
_, outside := net.Listen("unix", top + "/t")
_, escape := net.Listen("unix", top + "/out/../t")
_, abstract := net.Listen("unix", "@csp")
fmt.Print(string(text), l.Addr().String() == top + "/out/s", errors.Is(outside, fs.ErrPermission), errors.Is(escape, fs.ErrPermission), errors.Is(abstract, fs.ErrPermission))
l.Close())", "fmt net io errors io/fs"), "hellotrue true true true");
    EXPECT_FALSE(fs::exists(top / "out/s"));
}

}  // namespace
