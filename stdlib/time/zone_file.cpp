#include "stdlib/time/zone_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>

namespace csp::stdlib {

namespace {

std::uint32_t big_endian_32(const char* at) {
    std::uint32_t n = 0;
    for (int i = 0; i < 4; ++i) n = n << 8 | static_cast<unsigned char>(at[i]);
    return n;
}
std::int64_t big_endian_64(const char* at) {
    return static_cast<std::int64_t>(std::uint64_t{big_endian_32(at)} << 32 | big_endian_32(at + 4));
}

constexpr std::size_t kHeaderSize = 44;
constexpr std::size_t kKindSize = 6;

struct Counts {
    std::size_t utc_flags, standard_flags, leap_seconds, transitions, kinds, name_bytes;

    /// The counts of a header at `at`, which is there.
    static Counts read(const char* at) {
        std::size_t n[6];
        for (std::size_t i = 0; i < 6; ++i) n[i] = big_endian_32(at + 20 + i * 4);
        return {n[0], n[1], n[2], n[3], n[4], n[5]};
    }
    std::size_t block_size(std::size_t width) const {
        return transitions * (width + 1) + kinds * kKindSize + name_bytes + leap_seconds * (width + 4) + standard_flags +
               utc_flags;
    }
};

}  // namespace

bool ZoneFile::open(std::string_view bytes) {
    if (bytes.size() < kHeaderSize || !bytes.starts_with("TZif")) return false;
    const char version = bytes[4];
    if (version != 0 && version != '2' && version != '3') return false;
    Counts counts = Counts::read(bytes.data());
    width_ = 4;
    bytes.remove_prefix(kHeaderSize);
    if (version != 0) {  // the same once more, with times of 64 bits
        const std::size_t skipped = counts.block_size(4);
        if (bytes.size() < skipped || bytes.size() - skipped < kHeaderSize) return false;
        bytes.remove_prefix(skipped);
        counts = Counts::read(bytes.data());
        width_ = 8;
        bytes.remove_prefix(kHeaderSize);
    }
    if (bytes.size() < counts.block_size(width_) || counts.kinds == 0) return false;
    const auto take = [&](std::size_t size) {
        const std::string_view part = bytes.substr(0, size);
        bytes.remove_prefix(size);
        return part;
    };
    times_ = take(counts.transitions * width_);
    kind_of_ = take(counts.transitions);
    kinds_ = take(counts.kinds * kKindSize);
    names_ = take(counts.name_bytes);
    take(counts.leap_seconds * (width_ + 4) + counts.standard_flags + counts.utc_flags);
    if (bytes.size() > 2 && bytes.front() == '\n' && bytes.back() == '\n') rule_ = bytes.substr(1, bytes.size() - 2);
    return true;
}

bool ZoneFile::open_checked(std::string_view bytes) {
    if (!open(bytes)) return false;
    const std::size_t kinds = kinds_.size() / kKindSize;
    for (std::size_t i = 0; i < kinds; ++i)
        if (static_cast<unsigned char>(kinds_[i * kKindSize + 5]) >= names_.size()) return false;
    for (std::size_t i = 0; i < kind_of_.size(); ++i)
        if (kind_at(i) >= kinds) return false;
    return true;
}

ZoneFile::Kind ZoneFile::kind(std::size_t index) const {
    if (index * kKindSize >= kinds_.size()) index = 0;
    const char* at = kinds_.data() + index * kKindSize;
    const std::size_t start = static_cast<unsigned char>(at[5]);
    std::string_view name = start < names_.size() ? names_.substr(start) : std::string_view();
    name = name.substr(0, name.find('\0'));
    return {name, static_cast<std::int32_t>(big_endian_32(at)), at[4] != 0};
}

std::int64_t ZoneFile::transition(std::size_t index) const {
    const char* at = times_.data() + index * width_;
    return width_ == 8 ? big_endian_64(at) : static_cast<std::int32_t>(big_endian_32(at));
}

/// What holds before the first transition: the first kind if no transition leads to it; else the last of standard time
/// before the first transition's, if that leads to daylight saving time; else the first of standard time.
std::size_t ZoneFile::first_kind() const {
    if (kind_of_.find('\0') == std::string_view::npos) return 0;
    if (kind(kind_at(0)).is_dst)
        for (std::size_t i = kind_at(0); i-- > 0;)
            if (!kind(i).is_dst) return i;
    for (std::size_t i = 0; i < kinds_.size() / kKindSize; ++i)
        if (!kind(i).is_dst) return i;
    return 0;
}

ZonePeriod ZoneFile::at(std::int64_t unix_seconds) const {
    const std::size_t count = kind_of_.size();
    std::size_t low = 0;  // how many transitions are not after unix_seconds
    if (count > 0 && transition(0) <= unix_seconds) {
        low = 1;
        for (std::size_t high = count + 1; high - low > 1;) {
            const std::size_t middle = low + (high - low) / 2;
            (transition(middle - 1) <= unix_seconds ? low : high) = middle;
        }
    }
    ZonePeriod period;
    const Kind found = kind(low > 0 ? kind_at(low - 1) : count > 0 ? first_kind() : 0);
    period.name = found.name;
    period.offset = found.offset;
    period.is_dst = found.is_dst;
    if (low > 0) period.start = transition(low - 1);
    if (low < count) period.end = transition(low);
    if (low == count && !rule_.empty())
        if (const auto ruled = apply_zone_rule(rule_, period.start, unix_seconds)) return *ruled;
    return period;
}

bool ZoneFile::offset_of(std::string_view name, std::int64_t unix_seconds, std::int64_t& offset) const {
    const std::size_t kinds = kinds_.size() / kKindSize;
    for (std::size_t i = 0; i < kinds; ++i) {
        const Kind candidate = kind(i);
        if (candidate.name != name) continue;
        const ZonePeriod period = at(static_cast<std::int64_t>(static_cast<std::uint64_t>(unix_seconds) -
                                                               static_cast<std::uint64_t>(candidate.offset)));
        if (period.name != name) continue;
        offset = period.offset;
        return true;
    }
    for (std::size_t i = 0; i < kinds; ++i) {
        const Kind candidate = kind(i);
        if (candidate.name != name) continue;
        offset = candidate.offset;
        return true;
    }
    return false;
}

namespace {

constexpr std::size_t kMaxFileSize = 10 << 20;

/// 0, or the system's error code.
int read_file(const std::string& path, std::string& bytes) {
    const auto close = [](std::FILE* file) { std::fclose(file); };
    const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rbe"), close);
    if (file == nullptr) return errno;
    bytes.clear();
    std::array<char, 4096> buffer;
    errno = 0;
    while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
        bytes.append(buffer.data(), n);
        if (bytes.size() > kMaxFileSize) return EFBIG;
    }
    return std::ferror(file.get()) != 0 ? errno : 0;
}

/// Reads a zone's file from one of `folders`.
template <class Folders>
bool read_from(const Folders& folders, const std::string& name, std::string& bytes, std::string& error) {
    error.clear();
    for (const char* folder : folders) {
        const int code = read_file(folder + name, bytes);
        ZoneFile file;
        if (code == 0 && file.open_checked(bytes)) return true;
        if (code == ENOENT || !error.empty()) continue;
        if (code == 0) {
            error = "malformed time zone information";
        } else {
            std::array<char, 256> text{};
            error = strerror_r(code, text.data(), text.size());
            if (error[0] >= 'A' && error[0] <= 'Z') error[0] = static_cast<char>(error[0] | 0x20);
        }
    }
    return false;
}

constexpr std::array<const char*, 4> kFolders = {"/usr/share/zoneinfo/", "/usr/share/lib/zoneinfo/",
                                                 "/usr/lib/locale/TZ/", "/etc/zoneinfo/"};

}  // namespace

bool read_zone(const std::string& name, std::string& bytes, std::string& error) {
    if (name.find('\0') != std::string::npos) {
        error = "invalid argument";
        return false;
    }
    if (const char* own = std::getenv("ZONEINFO"); own != nullptr && own[0] != 0) {
        const std::string folder = std::string(own) + "/";
        if (read_from(std::array<const char*, 1>{folder.c_str()}, name, bytes, error)) return true;
    }
    return read_from(kFolders, name, bytes, error);
}

LocalZone read_local_zone() {
    LocalZone zone;
    std::string error;
    const char* variable = std::getenv("TZ");
    if (variable == nullptr) {
        if (read_from(std::array<const char*, 1>{"/etc/"}, "localtime", zone.bytes, error)) return {"Local", zone.bytes};
        return {"UTC", ""};
    }
    zone.name = variable;
    if (zone.name.starts_with(':')) zone.name.erase(0, 1);
    if (zone.name.starts_with('/')) {
        if (read_from(std::array<const char*, 1>{""}, zone.name, zone.bytes, error)) {
            if (zone.name == "/etc/localtime") zone.name = "Local";
            return zone;
        }
    } else if (!zone.name.empty() && zone.name != "UTC") {
        if (read_from(kFolders, zone.name, zone.bytes, error)) return zone;
    }
    return {"UTC", ""};
}

}  // namespace csp::stdlib
