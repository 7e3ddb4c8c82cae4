// Questions about people and the standards they work to: who is behind, for how long, what each can do, and
// how it was when something happened.
#pragma once

#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "yokoten/insight/v1/loop.pb.h"

namespace yokoten::insight {

// Thread-safe: holds nothing but a reference.
class People {
 public:
  explicit People(clickhouse::Client& clickhouse) : clickhouse_(clickhouse) {}

  Status Retraining(const v1::ListRetrainingRequest& request, v1::ListRetrainingResponse* response) const;
  Status Exposure(const v1::MeasureExposureRequest& request, v1::MeasureExposureResponse* response) const;
  Status AsItWas(const v1::GetAsItWasRequest& request, v1::GetAsItWasResponse* response) const;
  Status SkillMatrix(const v1::GetSkillMatrixRequest& request, v1::GetSkillMatrixResponse* response) const;
  Status TrainerSupply(const v1::MeasureTrainerSupplyRequest& request,
                       v1::MeasureTrainerSupplyResponse* response) const;
  Status Career(const v1::GetCareerRequest& request, v1::GetCareerResponse* response) const;
  Status KeyPoints(const v1::RankKeyPointsRequest& request, v1::RankKeyPointsResponse* response) const;

 private:
  clickhouse::Client& clickhouse_;
};

}  // namespace yokoten::insight
