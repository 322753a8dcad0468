#include "runtime/access/beneath.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "runtime/access/descriptor.h"

namespace csp::runtime {

namespace {

namespace fs = std::filesystem;
using Open = int (*)(int, const char*, int, mode_t, int&);

/// Both ways of opening have the same results.
class Beneath : public testing::TestWithParam<Open> {
  protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "csp_beneath_XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        top = name;
        fs::create_directories(top / "in/a/b");
        for (const char* file : {"secret", "in/file", "in/a/b/file"}) std::ofstream(top / file) << file;
        const std::pair<const char*, const char*> links[] = {{"a/b", "down"}, {"../file", "a/above"}, {"down/file", "twice"}, {"loop", "loop"}, {"missing", "dangling"},
                                                             {"../secret", "out"}, {"/", "root"}, {"a/../../secret", "around"}, {"..", "up"}};
        for (const auto& [target, link] : links) fs::create_symlink(target, top / "in" / link);
        directory = Descriptor(::open((top / "in").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    void TearDown() override { fs::remove_all(top); }

    /// 0, or what is wrong.
    int open(const std::string& path, int flags = O_RDONLY, mode_t mode = 0) {
        int code = -1;
        const Descriptor fd(GetParam()(directory.get(), path.c_str(), flags, mode, code));
        EXPECT_EQ(fd.get() >= 0, code == 0);
        return code;
    }

    fs::path top;
    Descriptor directory;
};

TEST_P(Beneath, OpensWhatIsInside) {
    for (const char* path : {"file", "./file", "a/b/file", "a//b/./file", "a/../file", "down/file", "down/../../file", "a/above", "twice", ".", "a/", "a/b/..", "down/"})
        EXPECT_EQ(open(path), 0) << path;
}

TEST_P(Beneath, EscapesAreTold) {
    for (const char* path : {"..", "../secret", "/", "/etc/passwd", "out", "root", "around", "up", "up/secret", "a/../../secret", "down/../../../secret", "root/etc/passwd"})
        EXPECT_EQ(open(path), kEscapes) << path;
}

TEST_P(Beneath, FailsAsTheSystemDoes) {
    EXPECT_EQ(open("missing"), ENOENT);
    EXPECT_EQ(open(""), ENOENT);
    EXPECT_EQ(open("dangling"), ENOENT);
    EXPECT_EQ(open("loop"), ELOOP);
    EXPECT_EQ(open("file/x"), ENOTDIR);
    EXPECT_EQ(open("file/"), ENOTDIR);
    EXPECT_EQ(open("file", O_RDONLY | O_DIRECTORY), ENOTDIR);
    EXPECT_EQ(open("twice", O_RDONLY | O_NOFOLLOW), ELOOP);
    EXPECT_EQ(open("a", O_WRONLY), EISDIR);
    EXPECT_EQ(open("file", O_WRONLY | O_CREAT | O_EXCL, 0600), EEXIST);
    EXPECT_EQ(open("dangling", O_WRONLY | O_CREAT | O_EXCL, 0600), EEXIST);
}

TEST_P(Beneath, MakesFilesInside) {
    EXPECT_EQ(open("a/new", O_WRONLY | O_CREAT, 0600), 0);
    EXPECT_TRUE(fs::exists(top / "in/a/new"));
    EXPECT_EQ(open("dangling", O_WRONLY | O_CREAT, 0600), 0);
    EXPECT_TRUE(fs::exists(top / "in/missing"));
    EXPECT_EQ(open("out", O_WRONLY | O_CREAT | O_TRUNC, 0600), kEscapes);
    EXPECT_EQ(fs::file_size(top / "secret"), 6U);
}

TEST_P(Beneath, HoldsWhatAPathLeadsTo) {
    EXPECT_EQ(open("twice", O_PATH), 0);
    EXPECT_EQ(open("out", O_PATH | O_NOFOLLOW), 0);
    EXPECT_EQ(open("out", O_PATH), kEscapes);
    EXPECT_EQ(open("down", O_PATH | O_DIRECTORY), 0);
}

INSTANTIATE_TEST_SUITE_P(Ways, Beneath, testing::Values(open_beneath, open_beneath_by_hand));

}  // namespace

}  // namespace csp::runtime
