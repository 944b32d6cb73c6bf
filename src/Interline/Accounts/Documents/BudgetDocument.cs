namespace Interline.Accounts.Documents;

/// <summary>A budget as it is kept: terms that accounts share by its id.</summary>
public sealed record BudgetDocument : AccountTerms;
