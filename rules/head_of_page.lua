-- SPDX-License-Identifier: Apache-2.0
-- The first screen decides whether anybody sees the second.
return rule {
  name = "head_of_page",
  about = "Says what the first slots of the page hold.",
  parameters = {
    head  = integer { default = 4, min = 1, max = 1000, about = "So many slots are the head." },
    where = condition { optional = true, about = "Items that `min` and `max` count." },
    min   = amount { optional = true, about = "Fewest of them in the head." },
    max   = amount { optional = true, about = "Most of them in the head." },
    never = condition { optional = true, about = "Items that have no place in the head." },
    apart = columns { optional = true,
                      about = "No two items of the head agree in these columns." },
  },
  constraints = function(p)
    if p.where == nil and (p.min ~= nil or p.max ~= nil) then
      refuse("`min` and `max` count items: say which in `where`", "where")
    end
    if p.where ~= nil and p.min == nil and p.max == nil then
      refuse("`where` needs a `min` or a `max`", "where")
    end
    if p.where == nil and p.never == nil and p.apart == nil then
      refuse("say what the head holds: `where`, `never` or `apart`", "where")
    end
    local slots = first(p.head)
    local all = {}
    if p.where ~= nil then
      all[#all + 1] = quota { where = p.where, min = p.min, max = p.max, slots = slots }
    end
    if p.never ~= nil then
      all[#all + 1] = place { where = p.never, slots = slots, mode = "never_in" }
    end
    if p.apart ~= nil then
      all[#all + 1] = cap { by = p.apart, max = 1, slots = slots }
    end
    return all
  end,
}
