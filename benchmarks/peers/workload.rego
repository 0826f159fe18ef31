package workload
import rego.v1
today := 100
iv contains f if { some f in input.facts; f.kind == "interviewed" }
th contains f if { some f in input.facts; f.kind == "thanked" }
pr contains f if { some f in input.facts; f.kind == "promised" }
at contains f if { some f in input.facts; f.kind == "attempt" }
of contains f if { some f in input.facts; f.kind == "offer" }
kinds contains f.kind if { some f in input.facts }
closed if { "rejection" in kinds }
closed if { "signed" in kinds }
thanked contains [f.iv, f.person] if { some f in th }
told contains f.company if { some f in input.facts; f.kind == "told" }
lastiv := max([f.day | some f in iv])
lastat := max([f.day | some f in at])
nat := count([1 | some f in input.facts; f.kind == "attempt"])
elapsed if { some f in pr; f.by < today }
elapsed if { count(pr) == 0; count(iv) > 0; today > lastiv + 7 }
say contains ["thank", f.person, f.iv, null, f.day + 1, null] if {
	some f in iv
	not [f.iv, f.person] in thanked
}
say contains ["ask_timeline", null, null, null, null, null] if { count(iv) > 0; count(pr) == 0; not closed }
say contains ["wait_promise", null, null, null, null, f.by] if { some f in pr; today <= f.by; not closed }
say contains ["call_recruiter", null, null, null, null, null] if { elapsed; not closed; nat == 0 }
say contains ["second_contact", null, null, lastat + 4, lastat + 5, null] if {
	elapsed
	not closed
	nat == 1
	today >= lastat + 4
}
say contains ["wait_retry", null, null, null, null, lastat + 4] if {
	elapsed
	not closed
	nat == 1
	today < lastat + 4
}
say contains ["move_on", null, null, null, null, null] if { nat >= 2; today > lastat + 5; not closed }
say contains ["tell_company", null, f.company, null, null, null] if {
	some f in of
	not f.company in told
	not closed
}
say contains ["ask_deadline", null, f.company, null, null, null] if {
	some f in of
	object.get(f, "answer_by", null) == null
}
say contains ["thank_rejection", null, null, null, null, null] if {
	"rejection" in kinds
	not "thanked_rejection" in kinds
}
say contains ["ask_feedback", null, null, null, null, null] if {
	"rejection" in kinds
	not "asked_feedback" in kinds
}
say contains ["keep_searching", null, null, null, null, null] if { not "signed" in kinds }
