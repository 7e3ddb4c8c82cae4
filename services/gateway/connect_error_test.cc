// Errors keep their code, field and reason on every way out.
#include "gateway/connect_error.h"

#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>

namespace yokoten::gateway {
namespace {

TEST(ConnectError, EveryCodeHasTheNameAndStatusOfTheProtocol) {
  EXPECT_EQ(ConnectCodeName(1), "canceled");
  EXPECT_EQ(ConnectHttpStatus(1), 499);
  EXPECT_EQ(ConnectCodeName(3), "invalid_argument");
  EXPECT_EQ(ConnectHttpStatus(3), 400);
  EXPECT_EQ(ConnectHttpStatus(8), 429);
  EXPECT_EQ(ConnectHttpStatus(14), 503);
  EXPECT_EQ(ConnectCodeName(16), "unauthenticated");
  EXPECT_EQ(ConnectHttpStatus(16), 401);
  EXPECT_EQ(ConnectCodeName(99), "unknown");
}

TEST(ConnectError, JsonCarriesDetailsAsBytesAndReadable) {
  const google::rpc::Status error = EventError(
      "yk-event-invalid", "", {{"context.plant_id", "required", "Give the plant.", "请给出工厂。"}});
  const std::string json = ConnectErrorJson(error);
  EXPECT_NE(json.find("\"code\":\"invalid_argument\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"type\":\"google.rpc.BadRequest\",\"value\":\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"reason\":\"yk-event-invalid\""), std::string::npos) << json;
  EXPECT_NE(json.find("context.plant_id: Give the plant."), std::string::npos) << json;
}

TEST(ConnectError, ASummaryHasBothLanguages) {
  const ErrorSummary summary = Summarize(EventError(
      "yk-event-invalid", "", {{"minutes", "range", "Too long.", "太长。"}, {"x", "y", "z", "z"}}));
  EXPECT_EQ(summary.code, "yk-event-invalid");
  EXPECT_EQ(summary.field, "minutes");
  EXPECT_EQ(summary.rule, "range");
  EXPECT_EQ(summary.message_en, "Too long.");
  EXPECT_EQ(summary.message_zh, "太长。");
  const ErrorSummary plain = Summarize(MakeError(grpc::StatusCode::UNAVAILABLE, "Kafka is away."));
  EXPECT_EQ(plain.code, "unavailable");
  EXPECT_EQ(plain.message_zh, "Kafka is away.");
}

TEST(ConnectError, FieldsAreNamedFromTheCallersBatchOn) {
  google::rpc::Status error =
      EventError("yk-event-invalid", "events[1].voided", {{"reason", "required", "e", "z"}});
  EXPECT_EQ(error.message(), "events[1].voided.reason: e");
  RenameFields("events[1]", "events[12]", &error);
  EXPECT_EQ(error.message(), "events[12].voided.reason: e");
  EXPECT_EQ(Summarize(error).field, "events[12].voided.reason");
  RenameFields("events[1]", "events[7]", &error);
  EXPECT_EQ(Summarize(error).field, "events[12].voided.reason");
}

TEST(ConnectError, RetryInfoIsRoundedUpToSeconds) {
  google::rpc::Status error = MakeError(grpc::StatusCode::RESOURCE_EXHAUSTED, "Full.");
  EXPECT_FALSE(RetryAfterSeconds(error).has_value());
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(2);
  retry.mutable_retry_delay()->set_nanos(1);
  error.add_details()->PackFrom(retry);
  EXPECT_EQ(RetryAfterSeconds(error), 3);
  EXPECT_EQ(RetryAfterSeconds(MakeError(grpc::StatusCode::UNAVAILABLE, "Away.")), 1);
}

TEST(ConnectError, DetailsOfAGrpcStatusSurvive) {
  const google::rpc::Status sent = EventError("yk-event-invalid", "", {{"f", "r", "e", "z"}});
  const google::rpc::Status back =
      FromGrpc(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "text", sent.SerializeAsString()));
  EXPECT_EQ(back.details_size(), sent.details_size());
  EXPECT_EQ(FromGrpc(grpc::Status(grpc::StatusCode::NOT_FOUND, "text", "\xFF")).message(), "text");
}

}  // namespace
}  // namespace yokoten::gateway
