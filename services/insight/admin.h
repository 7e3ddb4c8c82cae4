// yokoten.admin.v1.AdminService: what runs, the person directory, whether a plant is completely set up.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "clickhouse/client.h"
#include "insight/positions.h"
#include "yokoten/admin/v1/service.grpc.pb.h"

namespace yokoten::insight {

// What GetStatus tells; fixed for the life of the process.
struct ProcessFacts {
  std::string version;
  std::vector<std::string> targets;
  std::string effective_config;  // secrets masked
  std::string config_hash;
  bool simulated = false;
};

// Thread-safe.
class AdminService final : public admin::v1::AdminService::Service {
 public:
  // `directory`: client of the database that keeps the directory of persons. All must outlive the service.
  AdminService(ProcessFacts facts, clickhouse::Client& clickhouse, clickhouse::Client& directory,
               Positions& positions, const Clock& clock);

  grpc::Status GetStatus(grpc::ServerContext*, const admin::v1::GetStatusRequest*,
                         admin::v1::GetStatusResponse* response) override;
  grpc::Status PutPersons(grpc::ServerContext*, const admin::v1::PutPersonsRequest* request,
                          admin::v1::PutPersonsResponse* response) override;
  grpc::Status GetPersons(grpc::ServerContext*, const admin::v1::GetPersonsRequest* request,
                          admin::v1::GetPersonsResponse* response) override;
  grpc::Status ErasePersons(grpc::ServerContext*, const admin::v1::ErasePersonsRequest* request,
                            admin::v1::ErasePersonsResponse* response) override;
  grpc::Status CheckPlant(grpc::ServerContext* context, const admin::v1::CheckPlantRequest* request,
                          admin::v1::CheckPlantResponse* response) override;

 private:
  const ProcessFacts facts_;
  clickhouse::Client& clickhouse_;
  clickhouse::Client& directory_;
  Positions& positions_;
  const Clock& clock_;
};

}  // namespace yokoten::insight
