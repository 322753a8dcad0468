#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "csp/package.hpp"
#include "stdlib/support/granted.h"
#include "stdlib/support/results.h"

namespace csp::stdlib {

namespace {

struct FreeList {
    void operator()(ifaddrs* list) const { freeifaddrs(list); }
};
using List = std::unique_ptr<ifaddrs, FreeList>;

/// All addresses of the system, those of devices among them, or an errno.
List system_list(int& code) {
    ifaddrs* list = nullptr;
    code = getifaddrs(&list) == 0 ? 0 : errno;
    return List(list);
}

/// The bits of Flags in interface.csp.
std::int64_t flags_of(unsigned system) {
    const unsigned bits[] = {IFF_UP, IFF_BROADCAST, IFF_LOOPBACK, IFF_POINTOPOINT, IFF_MULTICAST, IFF_RUNNING};
    std::int64_t flags = 0;
    for (std::size_t i = 0; i < std::size(bits); ++i)
        if ((system & bits[i]) != 0) flags |= std::int64_t{1} << i;
    return flags;
}

std::int64_t mtu_of(int socket, const char* name) {
    ifreq request{};
    std::strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    return ioctl(socket, SIOCGIFMTU, &request) == 0 ? request.ifr_mtu : 0;
}

/// The address of a device; empty if all its bytes are zero, as of a loopback interface.
std::string device_address(const sockaddr_ll& link) {
    const std::size_t size = std::min<std::size_t>(link.sll_halen, sizeof link.sll_addr);
    std::string address(reinterpret_cast<const char*>(link.sll_addr), size);
    return address.find_first_not_of('\0') == std::string::npos ? std::string() : address;
}

Status link_table(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::System)) return refuse(call, 6);
    int code = 0;
    std::vector<std::string> names, devices;
    std::vector<std::int64_t> numbers;
    const List list = system_list(code);
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
        if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_PACKET) continue;
        sockaddr_ll link{};
        std::memcpy(&link, entry->ifa_addr, sizeof link);
        names.emplace_back(entry->ifa_name);
        devices.push_back(device_address(link));
        numbers.push_back(link.sll_ifindex);
        numbers.push_back(mtu_of(socket, entry->ifa_name));
        numbers.push_back(flags_of(entry->ifa_flags));
    }
    if (socket >= 0) ::close(socket);
    Slot* s = call.slots();
    s[6] = static_cast<Slot>(code);
    return put_texts(call, s, names) && put_texts(call, s + 2, devices) && put_numbers(call, s + 4, numbers)
               ? Status::Ok
               : Status::Panic;
}

/// The bytes of an IP address; empty of any other.
std::string address_bytes(const sockaddr* address) {
    if (address == nullptr) return {};
    if (address->sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, address, sizeof v4);
        return std::string(reinterpret_cast<const char*>(&v4.sin_addr), sizeof v4.sin_addr);
    }
    if (address->sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, address, sizeof v6);
        return std::string(reinterpret_cast<const char*>(&v6.sin6_addr), sizeof v6.sin6_addr);
    }
    return {};
}

std::int64_t count_ones(const std::string& mask) {
    std::int64_t ones = 0;
    for (const char c : mask) ones += std::popcount(static_cast<unsigned char>(c));
    return ones;
}

Status address_table(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::System)) return refuse(call, 4);
    int code = 0;
    std::vector<std::string> addresses;
    std::vector<std::int64_t> numbers;
    const List list = system_list(code);
    for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
        std::string address = address_bytes(entry->ifa_addr);
        if (address.empty()) continue;
        addresses.push_back(std::move(address));
        numbers.push_back(if_nametoindex(entry->ifa_name));
        numbers.push_back(count_ones(address_bytes(entry->ifa_netmask)));
    }
    Slot* s = call.slots();
    s[4] = static_cast<Slot>(code);
    return put_texts(call, s, addresses) && put_numbers(call, s + 2, numbers) ? Status::Ok : Status::Panic;
}

/// Bytes of hexadecimal digits; empty if there are others.
std::string from_hex(const std::string& digits) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        const std::string pair = digits.substr(i, 2);
        if (pair.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return {};
        bytes += static_cast<char>(std::stoi(pair, nullptr, 16));
    }
    return bytes;
}

/// /proc/net/igmp: a line with the index of an interface, then an indented one for each group, its bytes in reverse.
void read_igmp(std::vector<std::string>& addresses, std::vector<std::int64_t>& indexes) {
    std::ifstream file("/proc/net/igmp");
    std::string line, word;
    std::getline(file, line);
    std::int64_t index = 0;
    while (std::getline(file, line)) {
        std::istringstream words(line);
        if (line.empty() || (line[0] != '\t' && line[0] != ' ')) {
            words >> index;
            continue;
        }
        words >> word;
        std::string bytes = from_hex(word);
        if (bytes.size() != 4) continue;
        addresses.emplace_back(bytes.rbegin(), bytes.rend());
        indexes.push_back(index);
    }
}

/// /proc/net/igmp6: index, name and group in a line.
void read_igmp6(std::vector<std::string>& addresses, std::vector<std::int64_t>& indexes) {
    std::ifstream file("/proc/net/igmp6");
    std::int64_t index = 0;
    std::string line, name, group;
    while (std::getline(file, line)) {
        std::istringstream words(line);
        words >> index >> name >> group;
        std::string bytes = from_hex(group);
        if (bytes.size() != 16) continue;
        addresses.push_back(std::move(bytes));
        indexes.push_back(index);
    }
}

Status multicast_table(Call& call, const NativeEntry&) {
    std::vector<std::string> addresses;
    std::vector<std::int64_t> indexes;
    if (is_granted(call, Need::System)) {
        read_igmp(addresses, indexes);
        read_igmp6(addresses, indexes);
    }
    Slot* s = call.slots();
    return put_texts(call, s, addresses) && put_numbers(call, s + 2, indexes) ? Status::Ok : Status::Panic;
}

}  // namespace

void net_interface_natives(Package& package) {
    package.raw("linkTable", link_table).raw("addressTable", address_table).raw("multicastTable", multicast_table);
}

}  // namespace csp::stdlib
