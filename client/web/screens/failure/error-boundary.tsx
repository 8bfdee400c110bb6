import { Component } from "react";
import { BrokenScreen } from "./failure-screen.tsx";

type Props = { children: React.ReactNode };

/** What React can't render ends here, with a way on. A class, as React has no other way to catch. */
export class ErrorBoundary extends Component<Props, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): React.ReactNode {
    return this.state.broken ? <BrokenScreen /> : this.props.children;
  }
}
