"""What one person does with one situation: journal, plan, drafts, page."""
