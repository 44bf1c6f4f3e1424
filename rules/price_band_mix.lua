-- SPDX-License-Identifier: Apache-2.0
-- What has no share of its own is left over, and so is what has no price.
return rule {
  name = "price_band_mix",
  about = "Shares the page among cheap, middling and dear items, by largest remainder.",
  parameters = {
    price  = column { default = "price", about = "The column that says the price." },
    cheap  = number { about = "Below this price an item is cheap." },
    dear   = number { about = "From this price on it is dear." },
    cheap_share  = text { optional = true, about = "The share of cheap items, such as `40%`." },
    middle_share = text { optional = true, about = "The share of those in between." },
    dear_share   = text { optional = true, about = "The share of dear items." },
    slots  = slots { optional = true,
                     about = "The slots that are shared; without it, the whole page." },
  },
  constraints = function(p)
    if p.cheap >= p.dear then refuse("`cheap` must be below `dear`", "cheap") end
    local bands = {
      { where = p.price .. " < " .. p.cheap, share = p.cheap_share },
      { where = p.price .. " >= " .. p.cheap .. " and " .. p.price .. " < " .. p.dear,
        share = p.middle_share },
      { where = p.price .. " >= " .. p.dear, share = p.dear_share },
    }
    local all = {}
    for _, band in ipairs(bands) do
      if band.share ~= nil then all[#all + 1] = band end
    end
    if #all == 0 then refuse("give at least one band a share", "cheap_share") end
    return quota { shares = all, slots = p.slots }
  end,
}
