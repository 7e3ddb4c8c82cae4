// What the verbs about the loop have in common: one call of LoopService, pages, and how numbers and times are
// written.
#pragma once

#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>

#include "cli/connection.h"
#include "cli/output.h"
#include "events/envelope.h"
#include "events/identity.h"
#include "yokoten/insight/v1/loop.grpc.pb.h"

namespace yokoten::cli {

// Arguments that each of them takes.
struct LoopCall {
  ServerOptions servers;
  std::string plant, page;
  int limit = 100;
  bool json = false;

  void AddTo(CLI::App& verb) {
    servers.AddTo(verb);
    verb.add_flag("--json", json, "Print JSON");
    verb.add_option("--plant", plant, "Plant id")->required();
  }
  void AddPagesTo(CLI::App& verb) {
    verb.add_option("--limit", limit, "Rows of a page");
    verb.add_option("--page", page, "Page, as the one before says");
  }
  // Fills in the page asked for.
  template <typename Request>
  void SetPage(Request* request) const {
    request->set_page_size(limit);
    request->set_page_token(page);
  }
};

inline std::string TimeText(const google::protobuf::Timestamp& time) {
  return events::FormatTime(events::FromTimestamp(time));
}

inline std::string FixedText(double number, int decimals) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", decimals, number);
  return buffer;
}

// Calls a method, prints its answer (as JSON where that is asked for, else by `print`) and gives the exit
// code.
template <typename Request, typename Response, typename Print>
int CallLoop(const LoopCall& call, const Request& request, std::string_view what,
             grpc::Status (insight::v1::LoopService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                    Response*),
             const Print& print) {
  auto connection = Connection::Make(call.servers);
  if (!connection.ok()) return Fail(connection.status());
  auto stub = insight::v1::LoopService::NewStub((*connection)->For("insight"));
  grpc::ClientContext context;
  SetDeadline(context, std::chrono::seconds(60));
  Response response;
  const Status status = FromGrpc((stub.get()->*method)(&context, request, &response), what,
                                 (*connection)->AddressOf("insight"));
  if (!status.ok()) return Fail(status);
  if (call.json) return std::printf("%s\n", JsonOf(response, true).c_str()), 0;
  print(response);
  return 0;
}

// Says how to get the next page, if there is one.
inline void PrintNextPage(const std::string& token) {
  if (!token.empty()) std::printf("More: --page %s\n", token.c_str());
}

}  // namespace yokoten::cli
