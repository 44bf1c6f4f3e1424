-- SPDX-License-Identifier: Apache-2.0
-- How several businesses share one page. `channels` are values of the column, apart by commas;
-- without more they take turns in that order.
return rule {
  name = "channel_mix",
  about = "Lets several channels share the page: in turn, by a pattern or by parts.",
  parameters = {
    by       = column { default = "channel", about = "The column that says whose an item is." },
    channels = text { about = "The channels, such as `news, video, shop`." },
    pattern  = text { optional = true,
                      about = "Whose each slot is, such as `news, any, video`; then from the start." },
    ratio    = text { optional = true,
                      about = "The parts of the channels, in their order, such as `3, 1, 1`." },
    slots    = slots { optional = true,
                       about = "The slots that are mixed; without it, the whole page." },
  },
  constraints = function(p)
    local function words(text)
      local all = {}
      for word in string.gmatch(text, "[^,]+") do
        all[#all + 1] = string.match(word, "^%s*(.-)%s*$")
      end
      return all
    end
    if p.pattern ~= nil and p.ratio ~= nil then
      refuse("a mix has a `pattern` or a `ratio`, not both", "ratio")
    end
    local channels = words(p.channels)
    if p.pattern ~= nil then
      return mix { by = p.by, channels = channels, pattern = words(p.pattern), slots = p.slots }
    end
    if p.ratio == nil then
      return mix { by = p.by, channels = channels, interleave = true, slots = p.slots }
    end
    local parts = words(p.ratio)
    if #parts ~= #channels then refuse("`ratio` needs one part for each channel", "ratio") end
    local ratio = {}
    for i, channel in ipairs(channels) do
      ratio[channel] = tonumber(parts[i]) or refuse("`" .. parts[i] .. "` is no number", "ratio")
    end
    return mix { by = p.by, channels = channels, ratio = ratio, slots = p.slots }
  end,
}
