-- SPDX-License-Identifier: Apache-2.0
-- A cap of "a page divided by the groups, rounded up" is not fair: ten slots under a cap of four
-- may be 4, 4 and 2. Shares by largest remainder are 4, 3 and 3. Every text between the commas of
-- `shares` is a value of the column and its share.
return rule {
  name = "creator_fairness",
  about = "Shares the page among groups of creators, by largest remainder.",
  parameters = {
    by     = column { default = "creator_group", about = "The column that says the group." },
    shares = text { optional = true,
                    about = "Groups with shares, `new 40%, local 25%`; without it, all get the same." },
    slots  = slots { optional = true,
                     about = "The slots that are shared; without it, the whole page." },
  },
  constraints = function(p)
    if p.shares == nil then return quota { by = p.by, even = true, slots = p.slots } end
    local all = {}
    for part in string.gmatch(p.shares, "[^,]+") do
      local group, share = string.match(part, "^%s*(.-)%s+(%d+%.?%d*%%)%s*$")
      if group == nil then
        refuse("`" .. part .. "` is no group with a share, such as `new 40%`", "shares")
      end
      all[#all + 1] = { where = p.by .. ' == "' .. group .. '"', share = share }
    end
    return quota { shares = all, slots = p.slots }
  end,
}
