-- SPDX-License-Identifier: Apache-2.0
return rule {
  name = "block",
  about = "Never shows matching items, on any path.",
  required = true,
  parameters = {
    where = condition { optional = true, about = "Which items." },
    list  = list { optional = true, about = "Or a list of ids or values, from `lists/`." },
    by    = column { default = "id", about = "The column that is looked up in the list." },
  },
  constraints = function(p)
    if (p.where == nil) == (p.list == nil) then
      refuse("a block takes either `where` or `list`", "list")
    end
    return filter { where = p.where or p.by .. " in list." .. p.list }
  end,
}
