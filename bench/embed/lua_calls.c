/* The calls of csp_calls.cpp between a host and Lua, through its C interface, which bindings for C++ are built upon. */

#define _POSIX_C_SOURCE 199309L

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int host_add(lua_State* L) {
    lua_pushinteger(L, luaL_checkinteger(L, 1) + luaL_checkinteger(L, 2));
    return 1;
}

static const char* const kScript =
    "function add(a, b) return a + b end\n"
    "function length(s) return #s end\n"
    "function loop(n) local sum = 0 for i = 0, n - 1 do sum = host_add(sum, i) end return sum end\n"
    "function empty(n) local sum = 0 for i = 0, n - 1 do sum = sum + i end return sum end\n";

static lua_State* make(void) {
    lua_State* L = luaL_newstate();
    luaL_openlibs(L);
    lua_register(L, "host_add", host_add);
    if (luaL_dostring(L, kScript) != LUA_OK) fprintf(stderr, "%s\n", lua_tostring(L, -1));
    return L;
}

static int reference(lua_State* L, const char* name) {
    lua_getglobal(L, name);
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

static lua_Integer sum = 0;

static lua_Integer result(lua_State* L, int arguments) {
    if (lua_pcall(L, arguments, 1, 0) != LUA_OK) fprintf(stderr, "%s\n", lua_tostring(L, -1));
    const lua_Integer value = lua_tointeger(L, -1);
    lua_pop(L, 1);
    return value;
}

static void call_add(lua_State* L, int function, int times) {
    for (int i = 0; i < times; ++i) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, function);
        lua_pushinteger(L, sum);
        lua_pushinteger(L, i);
        sum = result(L, 2);
    }
}
static void call_length(lua_State* L, int function, int times) {
    for (int i = 0; i < times; ++i) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, function);
        lua_pushstring(L, "a text of some length");
        sum += result(L, 1);
    }
}
static void call_once(lua_State* L, int function, int times) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, function);
    lua_pushinteger(L, times);
    sum += result(L, 1);
}
static void make_states(lua_State* L, int function, int times) {
    (void)L;
    (void)function;
    for (int i = 0; i < times; ++i) {
        lua_State* one = make();
        call_add(one, reference(one, "add"), 1);
        lua_close(one);
    }
}

static double nanoseconds(lua_State* L, int function, int times, void (*work)(lua_State*, int, int)) {
    double best = 1e300;
    for (int round = 0; round < 200; ++round) {
        const double start = now();
        work(L, function, times);
        const double taken = (now() - start) / times;
        if (taken < best) best = taken;
    }
    return best;
}

int main(void) {
    enum { kCalls = 20000, kStates = 50 };
    lua_State* L = make();
    const double to_script = nanoseconds(L, reference(L, "add"), kCalls, call_add);
    const double with_text = nanoseconds(L, reference(L, "length"), kCalls, call_length);
    const double to_host = nanoseconds(L, reference(L, "loop"), kCalls, call_once) - nanoseconds(L, reference(L, "empty"), kCalls, call_once);
    const double states = nanoseconds(L, 0, kStates, make_states);
    printf("host_to_script %.1f\nhost_to_script_text %.1f\nscript_to_host %.1f\nengine %.0f\n", to_script, with_text, to_host, states);
    lua_close(L);
    return sum == 0;
}
