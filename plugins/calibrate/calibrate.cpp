// SPDX-License-Identifier: Apache-2.0
//
// The scorer `calibrate`: brings scores of several channels (rankers, media, markets) to one scale,
// with a curve per channel. The channel of a row is the text of a category; texts are looked up
// once per value and request, rows then go by code.
#include <cmath>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calibration.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

class Calibrate : public sdk::Scorer {
 public:
  static constexpr const char* kName = "calibrate";
  static constexpr const char* kId = "dev.lineup.calibrate/1";

  explicit Calibrate(const sdk::Config& config)
      : input_name_(config.text("/input", "score")),
        output_name_(config.text("/output", "")),
        channel_name_(config.text("/channel", "")) {
    if (output_name_.empty()) output_name_ = input_name_;
    for (std::uint64_t index = 0; index < config.count("/curves"); ++index) {
      const std::string place = "/curves/" + std::to_string(index);
      const std::string channel = config.text(place + "/channel", "");
      if (!channel.empty() && channel_name_.empty()) {
        throw sdk::Failure("`/channel` must name the column that tells the channel of a row");
      }
      if (!curve_of_.emplace(channel, static_cast<std::uint32_t>(curves_.size())).second) {
        throw sdk::Failure("`" + place + "`: channel `" + channel + "` has a curve already");
      }
      curves_.push_back(calibrate::Curve::read(config, place));
    }
    if (curves_.empty()) throw sdk::Failure("`/curves` must have at least one curve");
  }

  void activate(const sdk::Binder& binder) {
    input_ = binder.required<sdk::Floats>(input_name_);
    output_ = binder.output(output_name_);
    if (!channel_name_.empty()) channel_ = binder.required<sdk::Codes>(channel_name_);
  }

  sdk::Status score(const sdk::Call& call, const sdk::Outputs& outputs) {
    const sdk::Floats input = call.rows(input_);
    const sdk::Codes channel = channel_name_.empty() ? sdk::Codes() : call.rows(channel_);
    const std::span<const std::uint32_t> curve_of_code = curves_by_code(call, channel.dictionary());
    const std::uint32_t otherwise = curve_named("");
    const std::span<double> output = outputs[output_];
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      const double raw = input.value_or(row, std::numeric_limits<double>::quiet_NaN());
      const std::uint32_t code = channel[row];
      const std::uint32_t curve = code < curve_of_code.size() ? curve_of_code[code] : otherwise;
      output[row] = std::isnan(raw) || curve == kNoCurve ? raw : curves_[curve](raw);
    }
    return LINEUP_OK;
  }

 private:
  static constexpr std::uint32_t kNoCurve = 0xFFFFFFFFU;

  // The curve of a channel, else the one for channels that none names, else kNoCurve.
  [[nodiscard]] std::uint32_t curve_named(std::string_view channel) const {
    auto found = curve_of_.find(channel);
    if (found == curve_of_.end()) found = curve_of_.find(std::string_view());
    return found == curve_of_.end() ? kNoCurve : found->second;
  }

  [[nodiscard]] std::span<const std::uint32_t> curves_by_code(const sdk::Call& call,
                                                              sdk::Dictionary channels) const {
    const std::span<std::uint32_t> curves = call.allocate<std::uint32_t>(channels.size());
    for (std::uint32_t code = 0; code < channels.size(); ++code) {
      curves[code] = curve_named(channels[code]);
    }
    return curves;
  }

  std::string input_name_;
  std::string output_name_;
  std::string channel_name_;  // empty: one curve for all rows
  std::vector<calibrate::Curve> curves_;
  std::map<std::string, std::uint32_t, std::less<>> curve_of_;  // "": all other channels
  sdk::Bound<sdk::Floats> input_;
  sdk::Bound<sdk::Codes> channel_;
  sdk::BoundOutput output_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "calibrate",
  "version": "1.0.0",
  "about": "Brings the scores of several channels to one scale.",
  "types": [{
    "name": "calibrate",
    "kind": "scorer",
    "about": "Maps a score column through a curve per channel: straight lines between points, or a logistic curve (Platt).",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["input", "channel"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "required": ["curves"],
      "properties": {
        "input": {"type": "string", "minLength": 1, "default": "score",
          "description": "The float column to read."},
        "output": {"type": "string", "default": "",
          "description": "The float column to write; empty: the input."},
        "channel": {"type": "string", "default": "",
          "description": "The category column that tells the channel of a row; empty: one curve for all rows."},
        "curves": {"type": "array", "minItems": 1,
          "description": "One per channel; the one without `channel` is for all other rows. Without such, other rows keep their score.",
          "items": {"type": "object", "additionalProperties": false,
            "properties": {
              "channel": {"type": "string", "minLength": 1},
              "method": {"type": "string", "enum": ["linear", "isotonic", "platt", "none"], "default": "linear"},
              "inputs": {"type": "array", "items": {"type": "number"},
                "description": "linear, isotonic: raw scores, rising."},
              "outputs": {"type": "array", "items": {"type": "number"},
                "description": "linear, isotonic: the calibrated score at each input."},
              "weights": {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0}, "default": [],
                "description": "isotonic: how many observations stand behind each output; empty: as many."},
              "sampling_rate": {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "default": 1,
                "description": "The share of negatives that the model was trained with; undone before the curve."},
              "slope": {"type": "number", "default": 1,
                "description": "platt: 1 / (1 + exp(-(slope * raw + intercept)))."},
              "intercept": {"type": "number", "default": 0}}}}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", Calibrate)
