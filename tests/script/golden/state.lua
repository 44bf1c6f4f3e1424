local calls = 0
local next_word = ("a b c"):gmatch("%a")
local function count()
  calls = calls + 1
  return calls
end
return rule {
  name = "state",
  about = "Functions that would remember.",
  allow = function(item)
    return count() < 3
  end,
  score = function(item)
    return next_word() == "a" and 1 or 0
  end,
}
