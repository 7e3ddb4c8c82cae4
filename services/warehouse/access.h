// Who may ask, and for what. The library behind the warehouse has no users or grants, so the warehouse checks
// by itself: names and passwords, reading only, which databases, and no reaching for files of the host.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/server.h"
#include "warehouse/engine.h"
#include "warehouse/sql.h"

namespace yokoten::warehouse {

struct User {
  std::string name;
  std::string password;                // empty: any or none is accepted only if none is sent
  bool readonly = false;               // SELECT, SHOW and the like alone
  std::vector<std::string> databases;  // those it may use; empty: all
  bool host_files = false;  // may use file(), url() and the like, which see the host's files and network
};

// Finds the user of a request by X-ClickHouse-User/-Key headers, basic authentication or the URL parameters
// user and password. The error has code 0 if one was found. Returned pointers point into `users`.
struct Authenticated {
  const User* user = nullptr;
  EngineError error;
};
Authenticated Authenticate(const http::Request& request, const std::vector<User>& users);

// Whether the request may come from a web page that abuses the user's browser: without a password nothing but
// the loopback address protects the data, and a browser reaches that. So a user without a password is refused
// when the request names an Origin, or a Host that is neither an address nor "localhost".
EngineError CheckBrowser(const http::Request& request, const User& user);

// Whether `user` may run the statement. `databases` are all databases there are and `values` the parameters'
// values; both are only looked at for users who may not use all databases.
//
// A restricted user's statement may not contain the name of another database at all: not as a name, not
// inside a string, not as a parameter. That refuses more than it must, and nothing less.
EngineError CheckAccess(const User& user, std::string_view sql, const Statement& statement,
                        const std::vector<std::string>& databases, const std::vector<std::string>& values);

}  // namespace yokoten::warehouse
