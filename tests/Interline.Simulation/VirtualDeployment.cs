using Interline.Core.Routing;
using Interline.Testing.Faults;

namespace Interline.Simulation;

/// <summary>A deployment of providers in memory.</summary>
/// <param name="Id">Its id, and the host it stands at.</param>
/// <param name="Group">Its group.</param>
/// <param name="Dialect">What its provider speaks.</param>
/// <param name="Change">What else is to be said of it.</param>
public sealed record VirtualDeployment(string Id, string Group, Dialect Dialect, Func<Deployment, Deployment>? Change = null);
