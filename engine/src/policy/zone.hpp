// SPDX-License-Identifier: Apache-2.0
//
// Zones as offsets. Names such as Asia/Shanghai would need the database of the machine, and two
// machines could disagree about midnight.
#pragma once

#include <optional>
#include <string_view>

namespace lineup {

// Minutes east of UTC: "+08:00", "-0330", "Z", "UTC". Nothing for anything else.
[[nodiscard]] std::optional<int> parse_zone(std::string_view text);

}  // namespace lineup
