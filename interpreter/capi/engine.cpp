#include "interpreter/capi/engine.h"

#include "interpreter/capi/package.h"

using namespace csp::capi;

struct csp_files {
    std::vector<csp::Source> sources;
    bool complete = true;
};

struct csp_paths {
    std::vector<std::string> paths;
};

struct csp_names {
    std::vector<std::string> names;
};

namespace {

class CallbackLoader : public csp::ModuleLoader {
  public:
    CallbackLoader(const csp_options& options, std::shared_ptr<UserData> user_data)
        : load_(options.load), available_(options.available), user_data_(std::move(user_data)) {}

    std::optional<std::vector<csp::Source>> load(std::string_view path) override {
        csp_files files;
        load_(user_data_->get(), string_of(path), &files);
        if (!files.complete) throw std::bad_alloc();
        if (files.sources.empty()) return std::nullopt;
        return std::move(files.sources);
    }
    std::vector<std::string> available() override {
        csp_paths paths;
        if (available_ != nullptr) available_(user_data_->get(), &paths);
        return std::move(paths.paths);
    }

  private:
    void (*load_)(void*, csp_string, csp_files*);
    void (*available_)(void*, csp_paths*);
    std::shared_ptr<UserData> user_data_;
};

std::optional<csp::Native> native_of(csp_native native) {
    switch (native) {
        case CSP_NATIVE_HOT: return csp::Native::Hot;
        case CSP_NATIVE_OFF: return csp::Native::Off;
        case CSP_NATIVE_ALWAYS: return csp::Native::Always;
        default: return std::nullopt;
    }
}

csp_status read_numbers(const csp_options& from, csp::Options& to, csp_error& failure) {
    constexpr int kMaxWorkers = 1024;
    if (from.workers < 0 || from.workers > kMaxWorkers) return invalid(failure, "workers is not from 0 to 1024");
    const auto native = native_of(from.native);
    if (!native) return invalid(failure, "native has no such value");
    to.workers = from.workers;
    to.native = *native;
    to.heap_limit = from.heap_limit;
    if (from.stack_limit != 0) to.stack_limit = from.stack_limit;
    if (from.gc_percent != 0) to.gc_percent = from.gc_percent;
    if (from.seeded) to.seed = from.seed;
    to.virtual_time = from.virtual_time;
    if (from.args == nullptr && from.arg_count > 0) return null(failure, "args");
    for (std::size_t i = 0; i < from.arg_count; ++i) {
        if (!valid(from.args[i])) return invalid(failure, "an element of args has no data, but a size");
        to.args.emplace_back(view(from.args[i]));
    }
    return CSP_OK;
}

}  // namespace

csp_status csp_files_add(csp_files* files, csp_string name, csp_string text) {
    if (files == nullptr || !valid(name) || !valid(text)) return CSP_INVALID;
    const csp_status status = fenced(nullptr, [&](csp_error&) {
        files->sources.push_back({std::string(view(name)), std::string(view(text))});
        return csp_status{CSP_OK};
    });
    if (status != CSP_OK) files->complete = false;
    return status;
}

csp_status csp_paths_add(csp_paths* paths, csp_string path) {
    if (paths == nullptr || !valid(path)) return CSP_INVALID;
    return fenced(nullptr, [&](csp_error&) {
        paths->paths.emplace_back(view(path));
        return csp_status{CSP_OK};
    });
}

csp_status csp_engine_create(const csp_options* options, csp_engine** engine, csp_error** error) {
    return fenced(error, [&](csp_error& failure) -> csp_status {
        if (engine == nullptr) return null(failure, "engine");
        csp_options known{};
        if (options != nullptr && !read_struct(options, known)) return invalid(failure, "wrong size of csp_options");
        csp::Options settings;
        if (const csp_status status = read_numbers(known, settings, failure); status != CSP_OK) return status;
        const auto user_data = std::make_shared<UserData>(known.user_data);
        if (known.output != nullptr)
            settings.output = [output = known.output, user_data](int stream, std::string_view bytes) {
                output(user_data->get(), stream, string_of(bytes));
            };
        if (known.load != nullptr) settings.modules = std::make_shared<CallbackLoader>(known, user_data);
        auto made = std::make_unique<csp_engine>();
        made->engine = std::make_shared<HostEngine>(std::move(settings));
        made->engine->user_data = user_data;
        user_data->own(known.destroy);
        *engine = made.release();
        return CSP_OK;
    });
}

void csp_engine_destroy(csp_engine* engine) { delete engine; }

csp_status csp_engine_add(csp_engine* engine, csp_package* package, csp_error** error) {
    return with_engine(engine, error, [&](csp::Engine& to, csp_error& failure) -> csp_status {
        if (package == nullptr) return null(failure, "package");
        HostPackage& from = *package->package;
        const Exclusive::Use use(from.exclusive);
        if (!use) return fail(failure, CSP_BUSY, "the package is in use");
        from.given = true;
        to.add(from.package);
        return CSP_OK;
    });
}

csp_status csp_engine_packages(csp_engine* engine, csp_names** names, csp_error** error) {
    return with_engine(engine, error, [&](csp::Engine& of, csp_error& failure) -> csp_status {
        if (names == nullptr) return null(failure, "names");
        *names = new csp_names{of.packages()};
        return CSP_OK;
    });
}

void csp_names_destroy(csp_names* names) { delete names; }

size_t csp_names_count(const csp_names* names) { return names == nullptr ? 0 : names->names.size(); }

csp_string csp_names_at(const csp_names* names, size_t index) {
    return index < csp_names_count(names) ? string_of(names->names[index]) : csp_string{nullptr, 0};
}
