-- SPDX-License-Identifier: Apache-2.0
-- One use says what must hold. A wider spacing that is only wanted is a wish, and a wish has a
-- weight of its own: a second use, `with: {wanted_gap: 6}` and a `weight`.
return rule {
  name = "ad_policy",
  about = "Says where ads may stand: how far apart, from which slot, how many, beside what.",
  parameters = {
    where      = condition { default = 'type == "ad"', about = "Which items are ads." },
    gap        = integer { optional = true, min = 1,
                           about = "Fewest other items between two ads." },
    wanted_gap = integer { optional = true, min = 1,
                           about = "The spacing that would be nice: for a use with a `weight`." },
    first_slot = integer { optional = true, min = 1, about = "The first slot that may hold an ad." },
    max        = amount { optional = true, about = "Most ads on the page, or a share of it." },
    unsafe     = condition { optional = true,
                             about = "Items that no ad may stand beside, on either side." },
    never_last = boolean { default = false, about = "Whether no ad may end the page." },
    history    = integer { default = 0, min = 0,
                           about = "So many items that the user saw before count for spacing." },
  },
  constraints = function(p)
    if p.wanted_gap ~= nil then
      if p.gap ~= nil or p.first_slot ~= nil or p.max ~= nil or p.unsafe ~= nil or p.never_last then
        refuse("what is wanted is a use of its own, with a `weight`", "wanted_gap")
      end
      return spacing { where = p.where, gap = p.wanted_gap, history = p.history }
    end
    local all = {}
    if p.gap ~= nil or p.first_slot ~= nil then
      all[#all + 1] = spacing { where = p.where, gap = p.gap, first_slot = p.first_slot,
                                history = p.history }
    end
    if p.max ~= nil then all[#all + 1] = quota { where = p.where, max = p.max } end
    if p.unsafe ~= nil then
      all[#all + 1] = adjacent { left = p.where, right = p.unsafe }
      all[#all + 1] = adjacent { left = p.unsafe, right = p.where }
    end
    if p.never_last then all[#all + 1] = adjacent { left = p.where, right = page_end } end
    if #all == 0 then refuse("say what holds for ads: a `gap`, a `max`, ...", "gap") end
    return all
  end,
}
